// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/capability.hpp"

#include "hostsim/kernel/sizes.hpp"
#include "hostsim/kernel/thread.hpp"

namespace kos::sim {

namespace {

bool stands_for_memory(const Capability& cap) {
    switch (cap.kind) {
        case CapKind::Untyped:
        case CapKind::Endpoint:
        case CapKind::Notification:
        case CapKind::Reply:
        case CapKind::CNode:
        case CapKind::Thread:
        case CapKind::Zombie:
        case CapKind::SchedContext:
        case CapKind::Frame:
        case CapKind::PageTable:
        case CapKind::VSpace:
        case CapKind::AsidPool:
        case CapKind::Vcpu:
            return true;
        default:
            return false;
    }
}

Word mask(unsigned bits) { return (Word{1} << bits) - 1; }

/// Whether b's bytes lie within a's.
bool contains(const Capability& a, const Capability& b) {
    const Word a_base = a.address.value();
    const Word b_base = b.address.value();
    const Word a_top = a_base + mask(memory_bits(a));
    const Word b_top = b_base + mask(memory_bits(b));
    return a_base <= b_base && b_top <= a_top && b_base <= b_top;
}

}  // namespace

unsigned memory_bits(const Capability& cap) {
    switch (cap.kind) {
        case CapKind::Untyped:
        case CapKind::Frame:
        case CapKind::SchedContext:
            return cap.size_bits;
        case CapKind::Endpoint:
            return endpoint_bits;
        case CapKind::Notification:
            return notification_bits;
        case CapKind::Reply:
            return reply_bits;
        case CapKind::CNode:
            return cap.size_bits + slot_bits;
        case CapKind::Zombie:
            return cap.object->kind == ObjectKind::Thread ? cap.as<Thread>()->size_bits
                                                          : cap.size_bits + slot_bits;
        case CapKind::Thread:
            return cap.as<Thread>()->size_bits;
        case CapKind::PageTable:
            return page_table_bits;
        case CapKind::VSpace:
            return vspace_bits;
        case CapKind::AsidPool:
            return asid_pool_bits;
        case CapKind::Vcpu:
            return vcpu_bits;
        default:
            return 0;
    }
}

bool same_region(const Capability& a, const Capability& b) {
    switch (a.kind) {
        case CapKind::Untyped:
            return stands_for_memory(b) && contains(a, b);
        case CapKind::Frame:
            return b.kind == CapKind::Frame && contains(a, b);
        case CapKind::Endpoint:
        case CapKind::Notification:
        case CapKind::Reply:
        case CapKind::CNode:
        case CapKind::Thread:
        case CapKind::SchedContext:
        case CapKind::PageTable:
        case CapKind::VSpace:
        case CapKind::AsidPool:
        case CapKind::Vcpu:
            return b.kind == a.kind && b.object == a.object;
        case CapKind::Domain:
        case CapKind::SchedControl:
        case CapKind::AsidControl:
            return b.kind == a.kind;
        case CapKind::IrqControl:
            return b.kind == CapKind::IrqControl || b.kind == CapKind::IrqHandler;
        case CapKind::IrqHandler:
            return b.kind == CapKind::IrqHandler && b.word == a.word;
        case CapKind::Null:
        case CapKind::Zombie:
            return false;
    }
    return false;
}

bool same_object(const Capability& a, const Capability& b) {
    if (a.kind == CapKind::Untyped || a.kind == CapKind::IrqControl) return false;
    if (a.kind == CapKind::Frame && b.kind == CapKind::Frame) {
        return a.address == b.address && a.size_bits == b.size_bits && a.is_device == b.is_device;
    }
    return same_region(a, b);
}

bool is_revocable(const Capability& derived, const Capability& source) {
    switch (derived.kind) {
        case CapKind::Endpoint:
        case CapKind::Notification:
            return derived.word != source.word;
        case CapKind::IrqHandler:
            return source.kind == CapKind::IrqControl;
        case CapKind::Untyped:
            return true;
        default:
            return false;
    }
}

Capability with_data(bool preserve, Word data, Capability cap) {
    switch (cap.kind) {
        case CapKind::Endpoint:
        case CapKind::Notification:
            if (preserve || cap.word != 0) return {};
            cap.word = data;
            return cap;
        case CapKind::CNode: {
            const auto guard_bits = static_cast<unsigned>(data & mask(guard_size_bits));
            if (guard_bits + cap.size_bits > 64) return {};
            cap.guard_bits = static_cast<std::uint8_t>(guard_bits);
            cap.word = (data >> guard_size_bits) & mask(guard_bits);
            return cap;
        }
        default:
            return cap;
    }
}

std::uint8_t frame_rights(std::uint8_t held, std::uint8_t mask) {
    if ((held & mask & RightsMask::read) == 0) return 0;
    return static_cast<std::uint8_t>(held & mask & RightsMask::frame_all);
}

Capability with_rights(std::uint8_t rights, Capability cap) {
    switch (cap.kind) {
        case CapKind::Endpoint:
            cap.rights &= rights;
            return cap;
        case CapKind::Notification:
            cap.rights &= rights & (RightsMask::read | RightsMask::write);
            return cap;
        case CapKind::Reply:
            cap.rights &= rights & RightsMask::grant;
            return cap;
        case CapKind::Frame:
            cap.rights = frame_rights(cap.rights, rights);
            return cap;
        default:
            return cap;
    }
}

}  // namespace kos::sim
