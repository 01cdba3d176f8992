// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/vmm.hpp"

#include "lib/vm/layout.hpp"
#include "loader/caps/objects.hpp"
#include "loader/plan/mapping.hpp"
#include "loader/plan/native.hpp"

#include <algorithm>
#include <bit>

namespace kos::plan {

namespace {

using manifest::Mapping;
using manifest::MappingKind;
using manifest::MappingSource;

/// Page tables of the guest's VSpace for its interrupt controller's page: one of each level.
constexpr std::uint32_t guest_device_tables = 2;
constexpr std::uint64_t gibibyte = std::uint64_t{1} << 30;

class VmmPlanner {
   public:
    explicit VmmPlanner(const VmmInputs& inputs) : inputs_(inputs) {}

    Result<VmmPlan, Error> run() {
        if (inputs_.guest_memory < manifest::min_guest_memory ||
            inputs_.guest_memory > manifest::max_guest_memory ||
            !is_aligned(inputs_.guest_memory, large_page_size) || inputs_.vcpus == 0 ||
            inputs_.vcpus > manifest::max_vcpus) {
            return Err{Error{Problem::Guest, vm::guest_memory_base, inputs_.guest_memory}};
        }
        for (const PlacedSegment& placed : inputs_.program.segments) {
            KOS_TRY(add(of_segment(placed, inputs_.program_blob, program_kinds)));
        }
        KOS_TRY(add_blobs());
        KOS_TRY(add_guest_memory());
        if (inputs_.has_volumes) KOS_TRY(add_volume_memory());
        KOS_TRY(add(anonymous(vm::info_address, page_size, MappingKind::ProcessInfo,
                              MappingSource::Zero, manifest::access::read)));
        KOS_TRY(add(anonymous(vm::mailbox_address, page_size, MappingKind::ProcessInfo,
                              MappingSource::Zero, read_write)));
        KOS_TRY(add(anonymous(native::thread_area(0) + native::thread_stack_offset,
                              native::thread_area_pages * page_size, MappingKind::ThreadArea,
                              MappingSource::Zero, read_write)));
        for (const Mapping& mapping : inputs_.lent) KOS_TRY(add(mapping));
        KOS_TRY(check_overlaps());
        count_objects();
        return plan_;
    }

   private:
    using Step = Result<void, Error>;

    Step add(const Mapping& mapping) {
        if (mapping.size == 0) return {};
        if (!plan_.mappings.push_back(mapping)) {
            return Err{Error{Problem::TooManyMappings, VirtualAddress{mapping.address},
                             plan_.mappings.capacity()}};
        }
        return {};
    }

    /// Large pages as far as they are full, the rest in small ones: no byte of what lies behind a
    /// blob is seen. An unmapped page at least is between two.
    Step add_blobs() {
        VirtualAddress address = vm::blobs_base;
        for (const GuestBlob& blob : inputs_.blobs) {
            const std::uint64_t large =
                blob.on_large_page ? align_down(blob.bytes, large_page_size) : 0;
            if (blob.bytes > vm::guest_memory_base - address - large_page_size) {
                return Err{Error{Problem::InitrdSize, address, blob.bytes}};
            }
            Mapping mapping = shared(address, blob.number, 0, large, MappingKind::GuestBlob,
                                     manifest::access::read);
            mapping.page_bits = large_page_bits;
            KOS_TRY(add(mapping));
            KOS_TRY(add(shared(address + large, blob.number, large, blob.bytes - large,
                               MappingKind::GuestBlob, manifest::access::read)));
            address = (address + blob.bytes + large_page_size).aligned_down(large_page_size) +
                      large_page_size;
        }
        return {};
    }

    Step add_guest_memory() {
        Mapping mapping = anonymous(vm::guest_memory_base, inputs_.guest_memory,
                                    MappingKind::GuestMemory, MappingSource::Guest, read_write);
        mapping.page_bits = large_page_bits;
        return add(mapping);
    }

    Step add_volume_memory() {
        Mapping mapping = anonymous(vm::volume_memory, large_page_size, MappingKind::VolumeMemory,
                                    MappingSource::Zero, read_write);
        mapping.page_bits = large_page_bits;
        return add(mapping);
    }

    Step check_overlaps() const {
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
        manifest::ObjectCounts& objects = plan_.objects;
        const bool large = mapping.page_bits == large_page_bits;
        const auto pages = static_cast<std::uint32_t>(mapping.size >> mapping.page_bits);
        Le32* counter = large ? &objects.large_frames : &objects.frames;
        if (mapping.source == static_cast<std::uint8_t>(MappingSource::Shared) ||
            mapping.source == static_cast<std::uint8_t>(MappingSource::Lent)) {
            counter = large ? &objects.shared_large : &objects.shared_frames;
        } else if (mapping.source == static_cast<std::uint8_t>(MappingSource::Guest)) {
            counter = &objects.guest_frames;
        }
        *counter = *counter + pages;
    }

    void count_objects() {
        manifest::ObjectCounts& objects = plan_.objects;
        for (const Mapping& mapping : plan_.mappings) count_pages(mapping);
        objects.vspaces = 2;               // the VMM's and the guest's
        objects.tcbs = 1 + inputs_.vcpus;  // the VMM's, and one that carries each virtual CPU
        objects.sched_contexts = 1 + inputs_.vcpus;
        objects.vcpus = inputs_.vcpus;
        objects.replies = inputs_.vcpus;                      // a fault of each may be unanswered
        objects.endpoints = 1;                                // where faults arrive
        objects.notifications = inputs_.has_volumes ? 2 : 1;  // its own, and that of interrupts
        objects.page_tables = count_page_tables(plan_.mappings.items()) + guest_tables();
        objects.cnode_bits = vm::cspace_bits;
        const std::uint64_t slots = caps::slots_needed(objects, caps::UntypedGrant{});
        objects.object_cnode_bits = static_cast<std::uint32_t>(std::bit_width(slots - 1));
    }

    /// Of the guest's VSpace: RAM in large pages, and the interrupt controller's page.
    [[nodiscard]] std::uint32_t guest_tables() const {
        static_assert(vm::guest_ram % gibibyte == 0);
        const std::uint64_t gibibytes = (inputs_.guest_memory + gibibyte - 1) / gibibyte;
        return static_cast<std::uint32_t>(gibibytes) + guest_device_tables;
    }

    const VmmInputs& inputs_;
    VmmPlan plan_;
};

}  // namespace

Result<VmmPlan, Error> plan_vmm(const VmmInputs& inputs) { return VmmPlanner{inputs}.run(); }

}  // namespace kos::plan
