// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Untyped_Retype: memory becomes objects (manual §2.4.1, A.2.1).
#include "hostsim/kernel/cnode.hpp"
#include "hostsim/kernel/derivation.hpp"
#include "hostsim/kernel/invocation.hpp"
#include "hostsim/kernel/lookup.hpp"
#include "hostsim/kernel/state.hpp"
#include "hostsim/kernel/vcpu.hpp"

#include <span>

namespace kos::sim {

namespace {

using sel4::ObjectType;

/// What to make, and where its capabilities go.
struct Request {
    ObjectType type;
    unsigned size_bits;    ///< as the invoker gave them
    unsigned object_bits;  ///< log2 of an object's bytes
    std::span<Slot> destination;
};

bool is_frame(ObjectType type) {
    return type == ObjectType::SmallPage || type == ObjectType::LargePage ||
           type == ObjectType::HugePage;
}

/// log2 of the object's bytes; larger than any untyped where `size_bits` makes no sense.
Word object_bits(const State& state, ObjectType type, Word size_bits) {
    switch (type) {
        case ObjectType::Untyped:
        case ObjectType::SchedContext:
            return size_bits;
        case ObjectType::CNode:
            return size_bits + slot_bits;
        case ObjectType::Tcb:
            return state.abi_tables.thread_size_bits();
        case ObjectType::Endpoint:
            return endpoint_bits;
        case ObjectType::Notification:
            return notification_bits;
        case ObjectType::Reply:
            return reply_bits;
        case ObjectType::HugePage:
            return huge_page_bits;
        case ObjectType::VSpace:
            return vspace_bits;
        case ObjectType::LargePage:
            return small_page_bits + table_index_bits;
        default:
            return small_page_bits;
    }
}

/// The least size bits that a type takes.
Word least_size_bits(ObjectType type) {
    switch (type) {
        case ObjectType::CNode:
            return 1;
        case ObjectType::Untyped:
            return min_untyped_bits;
        case ObjectType::SchedContext:
            return min_sched_context_bits;
        default:
            return 0;
    }
}

Result<std::span<Slot>, InvocationError> find_destination(const Invocation& invocation) {
    const Word index = invocation.word(2);
    const Word depth = invocation.word(3);
    const Word offset = invocation.word(4);
    const Word count = invocation.word(5);

    const Capability* node = &invocation.extra_cap(0)->cap;
    if (depth != 0) node = &KOS_TRY(resolve_slot(*node, index, depth, false))->cap;
    if (node->kind != CapKind::CNode) return Err{failed_lookup(false, missing_capability(depth))};

    const std::span<Slot> slots = node->as<CNode>()->slots();
    if (offset >= slots.size()) return Err{range_error(0, slots.size() - 1)};
    if (count < 1 || count > fan_out_limit) return Err{range_error(1, fan_out_limit)};
    if (count > slots.size() - offset) return Err{range_error(1, slots.size() - offset)};
    const std::span<Slot> window = slots.subspan(offset, count);
    for (const Slot& slot : window) KOS_TRY(ensure_empty(slot));
    return window;
}

Result<Request, InvocationError> decode(const Invocation& invocation) {
    if (invocation.label != sel4::Invocation::UntypedRetype) return Err{illegal_operation()};
    if (!invocation.carries(6, 1)) return Err{truncated_message()};
    const auto type = invocation.state.abi_tables.object_type(invocation.word(0));
    if (!type) return Err{invalid_argument(0)};

    const Word size_bits = invocation.word(1);
    const Word bits = object_bits(invocation.state, *type, size_bits);
    if (size_bits >= word_bits || bits > max_untyped_bits) {
        return Err{range_error(0, max_untyped_bits)};
    }
    if (size_bits < least_size_bits(*type)) return Err{invalid_argument(1)};
    const std::span<Slot> destination = KOS_TRY(find_destination(invocation));
    return Request{*type, static_cast<unsigned>(size_bits), static_cast<unsigned>(bits),
                   destination};
}

Capability make_object(State& state, const Request& request, PhysicalAddress address,
                       bool is_device) {
    Capability cap;
    cap.address = address;
    cap.is_device = is_device;
    const auto made = [&](CapKind kind, Object* object, std::uint8_t rights = 0) {
        cap.kind = kind;
        cap.object = object;
        cap.rights = rights;
        return cap;
    };
    switch (request.type) {
        case ObjectType::Untyped:
            cap.size_bits = static_cast<std::uint8_t>(request.size_bits);
            return made(CapKind::Untyped, nullptr);
        case ObjectType::SmallPage:
        case ObjectType::LargePage:
        case ObjectType::HugePage:
            cap.size_bits = static_cast<std::uint8_t>(request.object_bits);
            return made(CapKind::Frame, nullptr, RightsMask::frame_all);
        case ObjectType::Tcb:
            return made(CapKind::Thread,
                        state.objects.create<Thread>(address, state.abi_tables.thread_size_bits()));
        case ObjectType::Endpoint:
            return made(CapKind::Endpoint, state.objects.create<Endpoint>(address),
                        RightsMask::all);
        case ObjectType::Notification:
            return made(CapKind::Notification, state.objects.create<Notification>(address),
                        RightsMask::read | RightsMask::write);
        case ObjectType::Reply:
            return made(CapKind::Reply, state.objects.create<Reply>(address), RightsMask::grant);
        case ObjectType::CNode:
            cap.size_bits = static_cast<std::uint8_t>(request.size_bits);
            return made(CapKind::CNode, state.objects.create<CNode>(address, request.size_bits));
        case ObjectType::SchedContext:
            cap.size_bits = static_cast<std::uint8_t>(request.size_bits);
            return made(CapKind::SchedContext, state.objects.create<SchedContext>(address));
        case ObjectType::VSpace:
            return made(CapKind::VSpace, state.objects.create<VSpace>(address));
        case ObjectType::PageTable:
            return made(CapKind::PageTable, state.objects.create<PageTable>(address));
        case ObjectType::Vcpu:
            return made(CapKind::Vcpu, state.objects.create<Vcpu>(address));
    }
    return {};
}

/// Zeroes what was used of an untyped without children.
void reset(const State& state, Capability& untyped) {
    if (untyped.word == 0) return;
    if (!untyped.is_device) {
        const Word block = Word{1} << untyped.size_bits;
        const Word chunk = Word{1} << reset_chunk_bits;
        const Word used = (untyped.word + chunk - 1) & ~(chunk - 1);
        state.memory.zero(untyped.address, used < block ? used : block);
    }
    untyped.word = 0;
}

}  // namespace

Invoked invoke_untyped(const Invocation& invocation) {
    const Request request = KOS_TRY(decode(invocation));
    Capability& untyped = invocation.slot.cap;

    const bool restarts = !has_children(invocation.slot);
    const Word used = restarts ? 0 : untyped.word;
    const Word bytes_left = (Word{1} << untyped.size_bits) - used;
    const Word count = request.destination.size();
    if (bytes_left >> request.object_bits < count) return Err{not_enough_memory(bytes_left)};
    if (untyped.is_device && !is_frame(request.type) && request.type != ObjectType::Untyped) {
        return Err{invalid_argument(1)};
    }

    const Word object_size = Word{1} << request.object_bits;
    const PhysicalAddress first =
        PhysicalAddress{(untyped.address.value() + used + object_size - 1) & ~(object_size - 1)};
    if (restarts) reset(invocation.state, untyped);
    untyped.word = first - untyped.address + count * object_size;
    PhysicalAddress address = first;
    for (Slot& slot : request.destination) {
        insert_new_cap(make_object(invocation.state, request, address, untyped.is_device),
                       invocation.slot, slot);
        address = address + object_size;
    }
    return {};
}

}  // namespace kos::sim
