// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/message_server.hpp"

#include "lib/message/layout.hpp"
#include "loader/caps/objects.hpp"
#include "loader/plan/mapping.hpp"
#include "loader/plan/native.hpp"

#include <bit>

namespace kos::plan {

namespace {

using manifest::Mapping;
using manifest::MappingKind;
using manifest::MappingSource;

class MessageServerPlanner {
   public:
    explicit MessageServerPlanner(const MessageServerInputs& inputs) : inputs_(inputs) {}

    Result<MessageServerPlan, Error> run() {
        if (inputs_.members == 0 || inputs_.members > message::max_members) {
            return Err{Error{Problem::Members, message::areas_address, inputs_.members}};
        }
        for (const PlacedSegment& placed : inputs_.program.segments) {
            KOS_TRY(add(of_segment(placed, inputs_.program_blob, program_kinds)));
        }
        KOS_TRY(add(shared(message::plan_address, inputs_.plan_blob, 0, inputs_.plan_bytes,
                           MappingKind::MessagePlan, manifest::access::read)));
        KOS_TRY(add(zero(message::books_address, inputs_.members * inputs_.books_size,
                         MappingKind::MessageBooks)));
        KOS_TRY(add(zero(message::areas_address, inputs_.members * message::area_size,
                         MappingKind::MessageArea)));
        Mapping lanes = zero(message::lanes_address, inputs_.lanes * message::lane_size,
                             MappingKind::MessageLane);
        lanes.page_bits = large_page_bits;
        KOS_TRY(add(lanes));
        KOS_TRY(add(anonymous(native::process_info_address, page_size, MappingKind::ProcessInfo,
                              MappingSource::Zero, manifest::access::read)));
        KOS_TRY(add(zero(native::thread_area(0) + native::thread_stack_offset,
                         native::thread_area_pages * page_size, MappingKind::ThreadArea)));
        count_objects();
        return plan_;
    }

   private:
    static Mapping zero(VirtualAddress address, std::uint64_t size, MappingKind kind) {
        return anonymous(address, size, kind, MappingSource::Zero, read_write);
    }

    Result<void, Error> add(const Mapping& mapping) {
        if (mapping.size == 0) return {};
        const Mapping* const last = plan_.mappings.empty() ? nullptr : plan_.mappings.end() - 1;
        if (last != nullptr && mapping.address < last->address + last->size) {
            return Err{Error{Problem::Overlap, VirtualAddress{mapping.address}, mapping.size}};
        }
        if (!plan_.mappings.push_back(mapping)) {
            return Err{Error{Problem::TooManyMappings, VirtualAddress{mapping.address},
                             plan_.mappings.capacity()}};
        }
        return {};
    }

    void count_objects() {
        manifest::ObjectCounts& objects = plan_.objects;
        for (const Mapping& mapping : plan_.mappings) {
            const bool is_shared =
                mapping.source == static_cast<std::uint8_t>(MappingSource::Shared);
            const bool is_large = mapping.page_bits == large_page_bits;
            Le32& counter = is_shared  ? objects.shared_frames
                            : is_large ? objects.large_frames
                                       : objects.frames;
            counter = counter + static_cast<std::uint32_t>(mapping.size >> mapping.page_bits);
        }
        objects.vspaces = objects.tcbs = objects.sched_contexts = 1;
        objects.replies = objects.endpoints = objects.notifications = 1;
        objects.page_tables = count_page_tables(plan_.mappings.items());
        objects.cnode_bits = message::server_cspace_bits(inputs_.members);
        const std::uint64_t slots = caps::slots_needed(objects, caps::UntypedGrant{});
        objects.object_cnode_bits = static_cast<std::uint32_t>(std::bit_width(slots - 1));
    }

    const MessageServerInputs& inputs_;
    MessageServerPlan plan_;
};

}  // namespace

Result<MessageServerPlan, Error> plan_message_server(const MessageServerInputs& inputs) {
    return MessageServerPlanner{inputs}.run();
}

Mapping lane_places(std::uint32_t server, std::uint32_t membership) {
    Mapping mapping = anonymous(message::app_lane(membership, 0), message::app_lanes_size,
                                MappingKind::MessageLane, MappingSource::Joined, read_write);
    mapping.page_bits = large_page_bits;
    mapping.blob = server;
    return mapping;
}

Mapping lent_area(std::uint32_t server, std::uint32_t member, std::uint32_t membership) {
    Mapping mapping = anonymous(message::app_area(membership), message::area_size,
                                MappingKind::MessageArea, MappingSource::Lent, read_write);
    mapping.blob = server;
    mapping.blob_offset = member * message::area_size;
    return mapping;
}

}  // namespace kos::plan
