// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/gateway.hpp"

#include "lib/message/layout.hpp"
#include "lib/vm/layout.hpp"
#include "loader/caps/objects.hpp"
#include "loader/plan/mapping.hpp"
#include "loader/plan/native.hpp"

#include <bit>

namespace kos::plan {

namespace {

using manifest::Mapping;
using manifest::MappingKind;
using manifest::MappingSource;

Result<void, Error> add(GatewayPlan& plan, const Mapping& mapping) {
    const Mapping* const last = plan.mappings.empty() ? nullptr : plan.mappings.end() - 1;
    if (last != nullptr && mapping.address < last->address + last->size) {
        return Err{Error{Problem::Overlap, VirtualAddress{mapping.address}, mapping.size}};
    }
    if (!plan.mappings.push_back(mapping)) {
        return Err{Error{Problem::TooManyMappings, VirtualAddress{mapping.address},
                         plan.mappings.capacity()}};
    }
    return {};
}

void count_objects(GatewayPlan& plan) {
    manifest::ObjectCounts& objects = plan.objects;
    for (const Mapping& mapping : plan.mappings) {
        Le32& counter = has_own_frames(mapping) ? objects.frames : objects.shared_frames;
        counter = counter + static_cast<std::uint32_t>(mapping.size >> page_bits);
    }
    objects.vspaces = objects.tcbs = objects.sched_contexts = objects.notifications = 1;
    objects.page_tables = count_page_tables(plan.mappings.items());
    objects.cnode_bits = native::app_slot::cspace_bits(1);
    const std::uint64_t slots = caps::slots_needed(objects, caps::UntypedGrant{});
    objects.object_cnode_bits = static_cast<std::uint32_t>(std::bit_width(slots - 1));
}

}  // namespace

Result<GatewayPlan, Error> plan_gateway(const GatewayInputs& inputs) {
    GatewayPlan plan;
    for (const PlacedSegment& placed : inputs.program.segments) {
        KOS_TRY(add(plan, of_segment(placed, inputs.program_blob, program_kinds)));
    }
    KOS_TRY(add(plan, shared(message::plan_address, inputs.plan_blob, 0, inputs.plan_bytes,
                             MappingKind::GatewayPlan, manifest::access::read)));
    KOS_TRY(add(plan, anonymous(vm::mailbox_address, page_size, MappingKind::ProcessInfo,
                                MappingSource::Zero, read_write)));
    KOS_TRY(add(plan, anonymous(native::thread_area(0) + native::thread_stack_offset,
                                native::thread_area_pages * page_size, MappingKind::ThreadArea,
                                MappingSource::Zero, read_write)));
    KOS_TRY(add(plan, inputs.lent));
    count_objects(plan);
    return plan;
}

}  // namespace kos::plan
