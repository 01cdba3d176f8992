// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/caps/objects.hpp"

#include "lib/base/address.hpp"

#include <algorithm>

namespace kos::caps {

namespace {

using sel4::ObjectType;

/// A kind with the numbers that the manifest and the record give for it.
struct Entry {
    ObjectKind kind;
    ObjectType type;
    unsigned size_bits;
    std::uint64_t count;
};

/// A level-1 table is a page table more than the manifest counts.
std::uint64_t page_tables(const manifest::ObjectCounts& counts, const sel4::KernelAbi& abi) {
    return std::uint64_t{counts.page_tables} +
           (abi.has_level_0() ? std::uint64_t{counts.vspaces} : 0);
}

std::array<Entry, object_kind_count> entries_of(const manifest::ObjectCounts& counts,
                                                UntypedGrant grant, const sel4::KernelAbi& abi) {
    return {{
        {ObjectKind::GrantedLargeUntyped, ObjectType::Untyped, large_page_bits, grant.large},
        {ObjectKind::LargeFrame, ObjectType::LargePage, 0, counts.large_frames},
        {ObjectKind::AppCNode, ObjectType::CNode, counts.cnode_bits, 1},
        {ObjectKind::VSpace, ObjectType::VSpace, 0, counts.vspaces},
        {ObjectKind::Frame, ObjectType::SmallPage, 0, counts.frames},
        {ObjectKind::HeapFrame, ObjectType::SmallPage, 0, counts.heap_frames},
        {ObjectKind::PageTable, ObjectType::PageTable, 0, page_tables(counts, abi)},
        {ObjectKind::GrantedSmallUntyped, ObjectType::Untyped, page_bits, grant.small},
        {ObjectKind::Vcpu, ObjectType::Vcpu, 0, counts.vcpus},
        {ObjectKind::Tcb, ObjectType::Tcb, 0, counts.tcbs},
        {ObjectKind::SchedContext, ObjectType::SchedContext,
         abi.size_bits(ObjectType::SchedContext), counts.sched_contexts},
        {ObjectKind::Notification, ObjectType::Notification, 0, counts.notifications},
        {ObjectKind::Reply, ObjectType::Reply, 0, counts.replies},
        {ObjectKind::Endpoint, ObjectType::Endpoint, 0, counts.endpoints},
    }};
}

std::uint64_t guest_slots(const manifest::ObjectCounts& counts) {
    if (counts.vcpus == 0) return 0;
    return 2 * std::uint64_t{counts.guest_frames} + guest_device_slots;
}

}  // namespace

std::string_view name_of(ObjectKind kind) {
    static constexpr std::array<std::string_view, object_kind_count> names{
        "untyped (2 MiB)", "large frame",  "CNode",        "VSpace",   "frame",
        "heap frame",      "page table",   "untyped (4K)", "VCPU",     "TCB",
        "SchedContext",    "notification", "reply",        "endpoint",
    };
    return names[static_cast<std::size_t>(kind)];
}

ObjectList ObjectList::create(const manifest::ObjectCounts& counts, UntypedGrant grant,
                              const sel4::KernelAbi& abi) {
    ObjectList list;
    list.object_cnode_bits_ = counts.object_cnode_bits;
    list.object_cnode_bytes_bits_ = abi.size_bits(ObjectType::CNode, counts.object_cnode_bits);
    for (const Entry& entry : entries_of(counts, grant, abi)) {
        if (entry.count == 0) continue;
        const ObjectGroup group{
            .kind = entry.kind,
            .type = entry.type,
            .size_bits = static_cast<std::uint8_t>(entry.size_bits),
            .bytes_bits = static_cast<std::uint8_t>(abi.size_bits(entry.type, entry.size_bits)),
            .count = static_cast<std::uint32_t>(entry.count),
            .first_slot = 0,
        };
        if (!list.groups_.push_back(group)) panic("ObjectList: more groups than kinds");
    }
    list.assign_slots();
    list.slots_ += std::uint64_t{counts.shared_frames} + counts.shared_large;
    list.first_guest_slot_ = static_cast<std::uint32_t>(list.slots_);
    list.guest_frames_ = counts.guest_frames;
    list.slots_ += guest_slots(counts);
    return list;
}

ObjectList ObjectList::create(const manifest::App& app, const sel4::KernelAbi& abi) {
    return create(app.objects, {app.untyped_large, app.untyped_4k}, abi);
}

void ObjectList::assign_slots() {
    // Ties keep the order of ObjectKind, so that every program comes to the same slots. By
    // insertion: they are few, and std::sort would be a hundredth of the root server.
    const auto comes_first = [](const ObjectGroup& a, const ObjectGroup& b) {
        return a.bytes_bits != b.bytes_bits ? a.bytes_bits > b.bytes_bits : a.kind < b.kind;
    };
    for (ObjectGroup* next = groups_.begin(); next != groups_.end(); ++next) {
        for (ObjectGroup* at = next; at != groups_.begin() && comes_first(*at, *(at - 1)); --at) {
            std::swap(*at, *(at - 1));
        }
    }
    for (ObjectGroup& group : groups_) {
        group.first_slot = static_cast<std::uint32_t>(slots_);
        slots_ += group.count;
        object_bytes_ += group.bytes();
    }
    first_shared_slot_ = static_cast<std::uint32_t>(slots_);
}

ObjectGroup ObjectList::group(ObjectKind kind) const {
    for (const ObjectGroup& group : groups_) {
        if (group.kind == kind) return group;
    }
    return {.kind = kind};
}

std::uint64_t ObjectList::untyped_bytes() const {
    return (std::uint64_t{1} << object_cnode_bytes_bits_) + pages_for(object_bytes_) * page_size;
}

std::uint64_t slots_needed(const manifest::ObjectCounts& counts, UntypedGrant grant) {
    constexpr std::uint64_t app_cnode = 1;
    // Each VSpace may need a page table more: see page_tables().
    return app_cnode + 2 * std::uint64_t{counts.vspaces} + counts.tcbs + counts.sched_contexts +
           counts.replies + counts.endpoints + counts.notifications + counts.page_tables +
           counts.frames + counts.large_frames + counts.heap_frames + counts.shared_frames +
           counts.shared_large + counts.vcpus + guest_slots(counts) + grant.large + grant.small;
}

}  // namespace kos::caps
