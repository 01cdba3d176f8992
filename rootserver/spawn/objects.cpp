// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/spawn/objects.hpp"

#include "loader/caps/pieces.hpp"

namespace kos::rootserver {

namespace {

using caps::ObjectKind;

/// The field that counts objects of that kind; null for untypeds handed to the app, which its
/// record counts itself.
Le32* count_of(manifest::ObjectCounts& counts, ObjectKind kind) {
    switch (kind) {
        case ObjectKind::LargeFrame:
            return &counts.large_frames;
        case ObjectKind::VSpace:
            return &counts.vspaces;
        case ObjectKind::Frame:
            return &counts.frames;
        case ObjectKind::HeapFrame:
            return &counts.heap_frames;
        case ObjectKind::PageTable:
            return &counts.page_tables;
        case ObjectKind::Tcb:
            return &counts.tcbs;
        case ObjectKind::SchedContext:
            return &counts.sched_contexts;
        case ObjectKind::Notification:
            return &counts.notifications;
        case ObjectKind::Reply:
            return &counts.replies;
        case ObjectKind::Endpoint:
            return &counts.endpoints;
        case ObjectKind::Vcpu:
            return &counts.vcpus;
        case ObjectKind::AppCNode:
        case ObjectKind::GrantedLargeUntyped:
        case ObjectKind::GrantedSmallUntyped:
            return nullptr;
    }
    return nullptr;
}

void count_made(msg::UsageRecord& usage, const caps::RetypeStep& step, std::uint64_t bytes) {
    if (Le32* count = count_of(usage.objects, step.kind)) *count = *count + step.count;
    if (step.kind == ObjectKind::AppCNode) usage.objects.cnode_bits = step.size_bits;
    usage.object_bytes = usage.object_bytes + bytes;
    usage.slots = usage.slots + step.count;
}

/// The object CNode: retyped into a slot of the root server's, from which it moves to its place.
Attempt<> make_object_cnode(const Root& root, App& app) {
    const Subject subject{"the object CNode of app", app.number};
    const unsigned bits = app.objects.object_cnode_bits();
    const sel4::CPtr slot = root.scratch_slot;
    const auto untyped = root.memory.untypeds().node(app.untypeds[0]).cap;
    KOS_TRY(about(subject, sel4::untyped_retype(untyped, sel4::ObjectType::CNode, bits,
                                                root.memory.window().at(slot.value), 1)));
    KOS_TRY(root.cspace.attach(slot, bits, app.top_slot()));
    app.usage.objects.object_cnode_bits = bits;
    app.usage.object_bytes = std::uint64_t{1} << app.objects.object_cnode_bytes_bits();
    return {};
}

}  // namespace

Attempt<> make_objects(const Root& root, App& app) {
    app.objects = caps::ObjectList::create(app.record, sel4::abi());
    if (!app.objects.fits()) {
        return trouble(ErrorCode::SlotsExhausted, {"the object CNode of app", app.number});
    }
    const caps::PieceList pieces = caps::pieces_of(app.objects);
    if (app.untypeds.size() == 0) {
        auto reserved = caps::reserve(root.memory.pools(), pieces.items());
        if (!reserved) {
            return Err{trouble_of({"the untypeds of app", app.number}, reserved.error())};
        }
        app.untypeds = *reserved;
    }
    for (const std::uint8_t bits : pieces) {
        app.usage.untyped_bytes = app.usage.untyped_bytes + (std::uint64_t{1} << bits);
    }

    KOS_TRY(make_object_cnode(root, app));
    caps::RetypeSteps steps{app.objects, pieces};
    const caps::CNodeWindow window = root.cspace.window(app.top_slot());
    while (const auto step = steps.next()) {
        const auto untyped = root.memory.untypeds().node(app.untypeds[step->piece]).cap;
        KOS_TRY(about({caps::name_of(step->kind), step->count},
                      sel4::untyped_retype(untyped, step->type, step->size_bits,
                                           window.at(step->first_slot), step->count)));
        const unsigned bytes_bits = app.objects.group(step->kind).bytes_bits;
        count_made(app.usage, *step, std::uint64_t{step->count} << bytes_bits);
    }
    return {};
}

namespace {

/// What is done with each piece of an app's untypeds.
using TakeBack = sel4::Invoked (*)(caps::Pools pools, caps::NodeId piece);

/// From the last piece to the first, which holds the capabilities of all. One that fails is tried
/// once more.
sel4::Invoked take_back(const Root& root, const caps::Reservation& reservation, TakeBack one) {
    const caps::Pools pools = root.memory.pools();
    sel4::Invoked outcome;
    for (std::size_t piece = reservation.size(); piece-- > 0;) {
        const caps::NodeId id = reservation[piece];
        const sel4::Invoked first = one(pools, id);
        if (first) continue;
        outcome = first;
        if (pools.untypeds.node(id).state == caps::NodeState::Taken) {
            (void)one(pools, id);  // the first failure is the one to report
        }
    }
    return outcome;
}

Attempt<> take_all_back(const Root& root, App& app, TakeBack one) {
    const sel4::Invoked objects = take_back(root, app.untypeds, one);
    const sel4::Invoked memory = take_back(root, app.guest_memory, one);
    KOS_TRY(about({"the untypeds of app", app.number}, objects));
    return about({"the guest's memory of app", app.number}, memory);
}

}  // namespace

Attempt<> release_objects(const Root& root, App& app) {
    const Attempt<> released = take_all_back(root, app, caps::release);
    app.untypeds = {};
    app.guest_memory = {};
    return released;
}

Attempt<> revoke_objects(const Root& root, App& app) {
    return take_all_back(root, app, caps::revoke);
}

}  // namespace kos::rootserver
