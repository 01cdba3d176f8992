// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/guest.hpp"

#include "lib/vm/layout.hpp"

#include <algorithm>

namespace kos::rootserver {

namespace {

using caps::ObjectKind;

/// Pieces of 2^largest bytes at most that make up \p frames large frames, largest first; nothing
/// where they are more than a reservation holds.
std::optional<caps::PieceList> pieces_of_memory(std::uint64_t frames, unsigned largest) {
    caps::PieceList pieces;
    while (frames != 0) {
        unsigned bits = largest;
        while (std::uint64_t{1} << (bits - large_page_bits) > frames) --bits;
        if (!pieces.push_back(static_cast<std::uint8_t>(bits))) return std::nullopt;
        frames -= std::uint64_t{1} << (bits - large_page_bits);
    }
    return pieces;
}

/// As few pieces as the free memory allows.
Attempt<caps::Reservation> reserve_memory(const Root& root, const Subject& subject,
                                          std::uint64_t frames) {
    constexpr unsigned largest_piece = 36;
    const caps::Pools pools = root.memory.pools();
    const auto whole = pieces_of_memory(frames, largest_piece);
    if (!whole) return trouble(ErrorCode::OutOfMemory, subject);
    caps::PieceList pieces = *whole;
    for (unsigned largest = pieces[0]; !pools.untypeds.check(pieces.items());) {
        const auto smaller =
            --largest < large_page_bits ? std::nullopt : pieces_of_memory(frames, largest);
        if (!smaller) {
            pieces = *whole;  // their shortage is the one to report
            break;
        }
        pieces = *smaller;
    }
    const auto reserved = caps::reserve(pools, pieces.items());
    if (!reserved) return Err{trouble_of(subject, reserved.error())};
    return *reserved;
}

/// Builds the guest's VSpace from the last of the app's page tables: its VMM's come from the first.
class GuestSpace {
   public:
    GuestSpace(const Root& root, App& app)
        : root_(root), app_(app), tables_(words_, sel4::abi().has_level_0()) {}

    Attempt<> map(sel4::Cap<sel4::Frame> frame, std::uint64_t address, std::uint64_t bits,
                  sel4::VmAttributes attributes) {
        KOS_TRY(tables_.provide(VirtualAddress{address}, bits, [this](VirtualAddress missing_at) {
            return about({"the guest's page table at", missing_at.value()},
                         sel4::page_table_map(next_table(), vspace(), missing_at.value(),
                                              sel4::VmAttributes::Cacheable));
        }));
        return about({"the guest's page at", address},
                     sel4::page_map(frame, vspace(), address, sel4::read_write, attributes));
    }

    [[nodiscard]] sel4::Cap<sel4::VSpace> vspace() const {
        return sel4::Cap<sel4::VSpace>{app_.object(ObjectKind::VSpace, 1)};
    }

   private:
    [[nodiscard]] sel4::Cap<sel4::PageTable> next_table() const {
        const std::uint64_t count = app_.objects.group(ObjectKind::PageTable).count;
        return sel4::Cap<sel4::PageTable>{
            app_.object(ObjectKind::PageTable, count - 1 - tables_.count())};
    }

    /// A table for each GiB of memory, and what the interrupt controller's page needs.
    static constexpr std::size_t max_tables = manifest::max_guest_memory / (1u << 30) + 4;

    const Root& root_;
    App& app_;
    std::array<std::uint32_t, max_tables> words_{};
    PageTableSet tables_;
};

}  // namespace

Attempt<> make_guest_memory(const Root& root, App& app) {
    const Subject subject{"the guest's memory of app", app.number};
    if (app.guest_memory.size() == 0) {
        app.guest_memory = KOS_TRY(reserve_memory(root, subject, app.objects.guest_frames()));
    }
    const caps::CNodeWindow window = root.cspace.window(app.top_slot());
    std::uint64_t slot = app.objects.first_guest_slot();
    for (const caps::NodeId piece : app.guest_memory) {
        const caps::UntypedNode& node = root.memory.untypeds().node(piece);
        std::uint64_t left = node.size() >> large_page_bits;
        while (left != 0) {
            const std::uint64_t batch = std::min(left, sel4::retype_fan_out_limit);
            KOS_TRY(about(subject, sel4::untyped_retype(node.cap, sel4::ObjectType::LargePage, 0,
                                                        window.at(slot), batch)));
            left -= batch;
            slot += batch;
            Le32& frames = app.usage.objects.guest_frames;
            frames = frames + static_cast<std::uint32_t>(batch);
            app.usage.slots = app.usage.slots + static_cast<std::uint32_t>(batch);
        }
    }
    return {};
}

Attempt<> build_guest(const Root& root, App& app) {
    if (root.gic_version == 0 && root.external == nullptr) {
        return trouble(ErrorCode::Unsupported, {"guests on this machine's interrupt controller"});
    }
    GuestSpace space{root, app};
    KOS_TRY(about({"the ASID of the guest of app", app.number},
                  sel4::asid_pool_assign(sel4::Cap<sel4::AsidPool>{sel4::root_slot::asid_pool},
                                         space.vspace())));
    const std::uint64_t first = app.objects.first_guest_slot();
    const std::uint64_t frames = app.objects.guest_frames();
    for (std::uint64_t i = 0; i < frames; ++i) {
        KOS_TRY(space.map(sel4::Cap<sel4::Frame>{app.object_slot(first + i)},
                          vm::guest_ram + (i << large_page_bits), large_page_bits,
                          sel4::VmAttributes::Cacheable));
    }
    // The manifest does not know which interrupt controller it will be: these slots are set aside.
    app.usage.slots = app.usage.slots + caps::guest_device_slots;
    std::uint64_t slot = first + 2 * frames;
    std::uint64_t address = vm::guest_gic_v2_cpu;
    for (const sel4::Cap<sel4::Frame> frame : root.gic_v2_cpu) {
        if (frame.is_null()) break;
        const sel4::CPtr copy = app.object_slot(slot++);
        KOS_TRY(about({"the guest's interrupt controller"},
                      sel4::cnode_copy(root.cspace.slot(copy), root.cspace.slot(frame.cptr()),
                                       sel4::read_write)));
        KOS_TRY(space.map(sel4::Cap<sel4::Frame>{copy}, address, page_bits,
                          sel4::VmAttributes::DeviceExecuteNever));
        address += page_size;
    }
    return {};
}

}  // namespace kos::rootserver
