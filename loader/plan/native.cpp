// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/native.hpp"

#include "lib/message/layout.hpp"
#include "loader/plan/mapping.hpp"

#include <algorithm>
#include <bit>

namespace kos::plan {

namespace {

using manifest::Mapping;
using manifest::MappingKind;
using manifest::MappingSource;

class Planner {
   public:
    explicit Planner(const NativeInputs& inputs) : inputs_(inputs) {}

    Result<NativePlan, Error> run() {
        KOS_TRY(check_inputs());
        KOS_TRY(guard(VirtualAddress{0}, native::lowest_address.value()));
        KOS_TRY(add_image(inputs_.program, inputs_.blobs.program, program_kinds));
        KOS_TRY(add_stubs_and_brk());
        KOS_TRY(add(anonymous(native::mmap_base, native::mmap_limit - native::mmap_base,
                              MappingKind::Mmap, MappingSource::Demand, read_write)));
        KOS_TRY(add_image(inputs_.libos, inputs_.blobs.libos, libos_kinds));
        KOS_TRY(add(anonymous(native::process_info_address, page_size, MappingKind::ProcessInfo,
                              MappingSource::Zero, manifest::access::read)));
        KOS_TRY(add_thread_areas());
        KOS_TRY(add_stack());
        KOS_TRY(add_lent());
        KOS_TRY(add_initrd());
        KOS_TRY(check_overlaps());
        count_objects();
        return plan_;
    }

   private:
    using Step = Result<void, Error>;

    Step check_inputs() const {
        const VirtualAddress initrd_end = native::initrd_base + whole_pages(inputs_.initrd_bytes);
        if (inputs_.threads < 1 || inputs_.threads > native::max_threads) {
            return Err{Error{Problem::Threads, native::thread_areas, inputs_.threads}};
        }
        if (inputs_.initrd_bytes > native::user_limit - native::initrd_base) {
            return Err{Error{Problem::InitrdSize, initrd_end, inputs_.initrd_bytes}};
        }
        if (stack_pages() > native::stack_limit / page_size / 2) {
            return Err{Error{Problem::Arguments, native::stack_top, inputs_.argument_bytes}};
        }
        return {};
    }

    Step add(const Mapping& mapping) {
        if (mapping.size == 0) return {};
        if (!plan_.mappings.push_back(mapping)) {
            return Err{Error{Problem::TooManyMappings, VirtualAddress{mapping.address},
                             plan_.mappings.capacity()}};
        }
        return {};
    }

    Step guard(VirtualAddress address, std::uint64_t size) {
        return add(anonymous(address, size, MappingKind::Guard, MappingSource::None, 0));
    }

    Step add_image(const PlacedImage& image, std::uint32_t blob, const Kinds& kinds) {
        for (const PlacedSegment& placed : image.segments) {
            KOS_TRY(add_by_largest(of_segment(placed, blob, kinds), image.relro_end));
        }
        return {};
    }

    /// Large pages where they fit, small ones around them. Below \p relro_end, where the program
    /// takes back the right to write page by page, there are small ones only.
    Step add_by_largest(const Mapping& mapping, VirtualAddress relro_end) {
        const VirtualAddress start{mapping.address};
        const VirtualAddress end = start + mapping.size;
        const VirtualAddress from =
            has_own_frames(mapping) ? std::clamp(relro_end, start, end) : start;
        const Extent large = large_pages_within(from, end - from);
        const bool congruent = has_own_frames(mapping) ||
                               (mapping.address - mapping.blob_offset) % large_page_size == 0;
        if (large.size == 0 || !congruent) return add(mapping);
        const std::uint64_t before = large.start - start;
        KOS_TRY(add(part_of(mapping, 0, before, page_bits)));
        KOS_TRY(add(part_of(mapping, before, large.size, large_page_bits)));
        return add(
            part_of(mapping, before + large.size, mapping.size - before - large.size, page_bits));
    }

    /// The pages behind a program: stubs | guard | brk | guard.
    Step add_stubs_and_brk() {
        const VirtualAddress stubs = stubs_address(inputs_.program);
        const std::uint64_t brk_size = std::uint64_t{inputs_.heap_pages} * page_size;
        const std::uint64_t needed = whole_pages(inputs_.stub_bytes) + brk_size + 2 * page_size;
        if (needed > native::image_limit - stubs) {
            return Err{Error{Problem::OutsideImageArea, stubs, needed}};
        }
        const VirtualAddress first_guard = stubs + whole_pages(inputs_.stub_bytes);
        plan_.brk_base = first_guard + page_size;
        plan_.brk_limit = plan_.brk_base + brk_size;
        KOS_TRY(add(shared(stubs, inputs_.blobs.stubs, 0, inputs_.stub_bytes, MappingKind::Stubs,
                           manifest::access::read | manifest::access::execute)));
        KOS_TRY(guard(first_guard, page_size));
        KOS_TRY(add(anonymous(plan_.brk_base, brk_size, MappingKind::Heap, MappingSource::Demand,
                              read_write)));
        return guard(plan_.brk_limit, page_size);
    }

    /// Between two areas there is one guard: the rest of the stride and the next one's first page.
    Step add_thread_areas() {
        constexpr std::uint64_t used = native::thread_area_pages * page_size;
        constexpr std::uint64_t gap = native::thread_area_stride - used;
        KOS_TRY(guard(native::thread_areas, native::thread_stack_offset));
        for (std::uint64_t index = 0; index < inputs_.threads; ++index) {
            const VirtualAddress area = native::thread_area(index) + native::thread_stack_offset;
            KOS_TRY(add(
                anonymous(area, used, MappingKind::ThreadArea, MappingSource::Zero, read_write)));
            KOS_TRY(guard(area + used, gap));
        }
        return {};
    }

    [[nodiscard]] std::uint64_t stack_pages() const {
        // A page beside the arguments, for the program's first frames.
        return std::max(native::stack_initial_pages, pages_for(inputs_.argument_bytes) + 1);
    }

    Step add_stack() {
        const VirtualAddress bottom = native::stack_top - native::stack_limit;
        const VirtualAddress mapped = native::stack_top - stack_pages() * page_size;
        KOS_TRY(guard(bottom - page_size, page_size));
        KOS_TRY(add(anonymous(bottom, mapped - bottom, MappingKind::Stack, MappingSource::Demand,
                              read_write)));
        KOS_TRY(add(anonymous(mapped, native::stack_top - mapped, MappingKind::Stack,
                              MappingSource::Zero, read_write)));
        return guard(native::stack_top, page_size);
    }

    /// Large pages as far as they are full; the rest in small ones, so that the app sees no byte of
    /// what the image has behind the root filesystem.
    Step add_initrd() {
        const std::uint64_t bytes = inputs_.initrd_bytes;
        const std::uint64_t large =
            inputs_.initrd_on_large_page ? align_down(bytes, large_page_size) : 0;
        Mapping mapping = shared(native::initrd_base, inputs_.blobs.initrd, 0, large,
                                 MappingKind::Initrd, manifest::access::read);
        mapping.page_bits = large_page_bits;
        KOS_TRY(add(mapping));
        return add(shared(native::initrd_base + large, inputs_.blobs.initrd, large, bytes - large,
                          MappingKind::Initrd, manifest::access::read));
    }

    Step add_lent() {
        for (const Mapping& mapping : inputs_.lent) KOS_TRY(add(mapping));
        return {};
    }

    Step check_overlaps() {
        std::sort(plan_.mappings.begin(), plan_.mappings.end(),
                  [](const Mapping& a, const Mapping& b) { return a.address < b.address; });
        std::uint64_t end = 0;
        for (const Mapping& mapping : plan_.mappings) {
            if (mapping.address < end) {
                return Err{Error{Problem::Overlap, VirtualAddress{mapping.address}, mapping.size}};
            }
            end = mapping.address + mapping.size;
        }
        return {};
    }

    void count_pages(const Mapping& mapping) {
        const bool large = mapping.page_bits == large_page_bits;
        manifest::ObjectCounts& objects = plan_.objects;
        Le32* counter = nullptr;
        switch (static_cast<MappingSource>(mapping.source)) {
            case MappingSource::Shared:
            case MappingSource::Lent:
            case MappingSource::Joined:
                counter = large ? &objects.shared_large : &objects.shared_frames;
                break;
            case MappingSource::Copied:
            case MappingSource::Zero:
                counter = large ? &objects.large_frames : &objects.frames;
                break;
            case MappingSource::Direct:
            case MappingSource::Demand:
            case MappingSource::None:
            case MappingSource::Guest:
                return;
        }
        *counter = static_cast<std::uint32_t>(*counter + (mapping.size >> mapping.page_bits));
    }

    void count_objects() {
        manifest::ObjectCounts& objects = plan_.objects;
        for (Mapping& mapping : plan_.mappings) {
            map_directly_if_first(mapping, inputs_.earlier);
            count_pages(mapping);
        }
        objects.vspaces = 1;
        objects.tcbs = inputs_.threads;
        objects.sched_contexts = inputs_.threads;
        objects.notifications = inputs_.threads;
        objects.heap_frames = inputs_.heap_pages;
        // Each 2 MiB of heap may lie in a table of its own when it is mapped by mmap.
        const auto heap_tables = static_cast<std::uint32_t>(
            (std::uint64_t{inputs_.heap_pages} * page_size + large_page_size - 1) /
            large_page_size);
        objects.page_tables =
            count_page_tables(plan_.mappings.items()) + heap_tables + mmap_table_reserve;
        // Each message server has two mappings here.
        objects.cnode_bits = message::app_cspace_bits(inputs_.threads, inputs_.lent.size() / 2);
        // A Linux program has no system call to use untypeds with: it is granted none.
        const std::uint64_t slots = caps::slots_needed(objects, caps::UntypedGrant{});
        objects.object_cnode_bits = static_cast<std::uint32_t>(std::bit_width(slots - 1));
    }

    const NativeInputs& inputs_;
    NativePlan plan_;
};

}  // namespace

Result<NativePlan, Error> plan_native(const NativeInputs& inputs) { return Planner{inputs}.run(); }

}  // namespace kos::plan
