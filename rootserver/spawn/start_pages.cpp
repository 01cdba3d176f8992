// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/start_pages.hpp"

#include "lib/native/process_info.hpp"
#include "loader/plan/initial_stack.hpp"
#include "rootserver/pager/scratch.hpp"
#include "rootserver/spawn/message_server.hpp"

#include <algorithm>
#include <new>

namespace kos::rootserver {

namespace {

using manifest::ImageView;
using manifest::MappingKind;

constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;

/// 32 bytes for libos's generator, 16 for AT_RANDOM.
ChaChaBlock entropy_of(const Root& root, const App& app, std::uint32_t start_number) {
    return chacha20_block(root.seed, start_number, ChaChaNonce{app.number});
}

/// A list of the manifest's as the stack builder takes it.
struct ListOfStrings {
    const ImageView& image;
    manifest::StringList list;

    [[nodiscard]] plan::StringSource source() const {
        return {list.count, this, [](const void* owner, std::size_t index) {
                    const auto& self = *static_cast<const ListOfStrings*>(owner);
                    return self.image.text(self.list, static_cast<std::uint32_t>(index));
                }};
    }
};

/// The part of the main stack that is mapped beforehand.
std::optional<std::uint32_t> initial_stack_mapping(const App& app, const ImageView& image) {
    for (std::uint32_t m = 0; m < app.record.mappings.count; ++m) {
        const manifest::Mapping mapping = image.mapping(app.record, m);
        if (mapping.kind == static_cast<std::uint8_t>(MappingKind::Stack) &&
            has_own_frames(mapping)) {
            return m;
        }
    }
    return std::nullopt;
}

Attempt<plan::StackPointers> fill_stack(const Root& root, const App& app,
                                        const ChaChaBlock& entropy) {
    const ImageView& image = root.image.manifest();
    const auto number = initial_stack_mapping(app, image);
    if (!number) return trouble(ErrorCode::ImageCorrupt, {"no stack in app", app.number});
    const manifest::Mapping mapping = image.mapping(app.record, *number);

    const ListOfStrings arguments{image, app.record.arguments};
    const ListOfStrings environment{image, app.record.environment};
    plan::InitialStack contents{
        .arguments = arguments.source(),
        .environment = environment.source(),
        .executable = image.text(app.record.executable),
        .entry = VirtualAddress{app.record.entry},
        .program_headers = VirtualAddress{app.record.program_headers},
        .program_header_size = app.record.program_header_size,
        .program_header_count = app.record.program_header_count,
        .user = app.record.user,
        .group = app.record.group,
    };
    std::memcpy(contents.random.data(), entropy.data() + 32, contents.random.size());

    const std::uint64_t frames = mapping.size / page_size;
    const std::uint64_t filled = pages_for(plan::initial_stack_bytes(contents));
    const Subject subject{"arguments and environment are larger than the stack of app", app.number};
    if (filled > std::min(frames, max_scratch_frames)) {
        return trouble(ErrorCode::ImageCorrupt, subject);
    }
    const sel4::Cap<sel4::Frame> first{first_frame_of(app, image, *number).cptr().value + frames -
                                       filled};
    const MutableBytes stack = KOS_TRY(map_scratch(first, filled, page_bits));
    const auto pointers =
        plan::build_initial_stack(contents, stack, VirtualAddress{mapping.address} + mapping.size);
    KOS_TRY(unmap_scratch(first, filled, page_bits));
    if (!pointers) return trouble(ErrorCode::ImageCorrupt, subject);
    return *pointers;
}

/// Puts strings into the text of a process information page, one behind the other.
class TextWriter {
   public:
    explicit TextWriter(native::ProcessInfo& info) : info_(info) {}

    native::InfoString add(std::string_view text) {
        if (text.size() >= sizeof(info_.text) - used_) {
            fits_ = false;
            return {};
        }
        std::copy(text.begin(), text.end(), info_.text + used_);
        const auto offset = offsetof(native::ProcessInfo, text) + used_;
        used_ += text.size() + 1;
        return {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(text.size())};
    }
    [[nodiscard]] bool fits() const { return fits_; }

   private:
    native::ProcessInfo& info_;
    std::size_t used_ = 0;
    bool fits_ = true;
};

void describe_memory(native::ProcessInfo& info, const App& app, const ImageView& image) {
    if (const auto heap = mapping_of_kind(app, image, MappingKind::Heap)) {
        const manifest::Mapping mapping = image.mapping(app.record, *heap);
        info.brk_base = mapping.address;
        info.brk_limit = mapping.address + mapping.size;
    }
    if (const auto initrd = mapping_of_kind(app, image, MappingKind::Initrd)) {
        info.initrd_address = image.mapping(app.record, *initrd).address;
        info.initrd_size = app.record.initrd_size;
    }
    info.heap_pages = app.record.objects.heap_frames;
}

/// False where the strings do not fit on the page.
bool write_process_info(MutableBytes page, const Root& root, const App& app,
                        const plan::StackPointers& stack, const ChaChaBlock& entropy,
                        std::uint32_t start_number) {
    const ImageView& image = root.image.manifest();
    auto& info = *new (page.data()) native::ProcessInfo{};
    info.magic = native::ProcessInfo::expected_magic;
    info.program_entry = app.record.entry;
    info.program_sp = stack.stack_pointer.value();
    info.argc = app.record.arguments.count;
    info.argv = stack.arguments.value();
    describe_memory(info, app, image);
    info.threads = app.record.threads;
    info.user = app.record.user;
    info.group = app.record.group;
    info.realtime_offset = root.boot_time * nanoseconds_per_second;
    info.counter_hz = root.counter_hz;
    info.virtual_counter = root.virtual_counter ? 1 : 0;
    std::copy_n(entropy.begin(), info.seed.size(), info.seed.begin());
    info.start_number = start_number;
    info.message_servers = memberships_of(root, app.record);

    TextWriter text{info};
    info.working_directory = text.add(image.text(app.record.working_directory));
    info.executable = text.add(image.text(app.record.executable));
    info.host_name = text.add(image.text(app.record.host_name));
    return text.fits();
}

/// Writes to the app's page at \p address, which is a frame of its own. `write(bytes)` says whether
/// all fitted.
template <class Write>
Attempt<> fill_page(const Root& root, const App& app, VirtualAddress address, Write&& write) {
    const Subject subject{"the start page at", address.value()};
    const auto own = own_frame_at(app, root.image.manifest(), address);
    if (!own) return trouble(ErrorCode::ImageCorrupt, subject);
    const MutableBytes page = KOS_TRY(map_scratch(own->frame, 1, page_bits));
    const bool fits = write(page);
    KOS_TRY(unmap_scratch(own->frame, 1, page_bits));
    if (!fits) return trouble(ErrorCode::ImageCorrupt, subject);
    return {};
}

}  // namespace

Attempt<> fill_start_pages(const Root& root, const App& app, std::uint32_t start_number) {
    const ChaChaBlock entropy = entropy_of(root, app, start_number);
    const plan::StackPointers stack = KOS_TRY(fill_stack(root, app, entropy));

    return fill_page(root, app, native::process_info_address, [&](MutableBytes page) {
        return write_process_info(page, root, app, stack, entropy, start_number);
    });
}

Attempt<> fill_seed_page(const Root& root, const App& app, std::uint32_t start_number) {
    const ChaChaBlock entropy = entropy_of(root, app, start_number);
    return fill_page(root, app, native::process_info_address, [&](MutableBytes page) {
        auto& info = *new (page.data()) native::ProcessInfo{};
        info.magic = native::ProcessInfo::expected_magic;
        std::copy_n(entropy.begin(), info.seed.size(), info.seed.begin());
        return true;
    });
}

}  // namespace kos::rootserver
