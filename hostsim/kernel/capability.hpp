// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Capabilities and the slots that hold them. All-zero bytes are an empty slot, so that a large
// CNode costs no memory until it is used.
#pragma once

#include "hostsim/kernel/object.hpp"
#include "lib/base/address.hpp"
#include "lib/sel4/types.hpp"

#include <cstdint>
#include <type_traits>

namespace kos::sim {

using sel4::Word;

enum class CapKind : std::uint8_t {
    Null,
    Untyped,
    Endpoint,
    Notification,
    Reply,
    CNode,
    Thread,
    IrqControl,
    IrqHandler,
    Zombie,  ///< a CNode or thread whose slots are being emptied
    Domain,
    SchedContext,
    SchedControl,
    Frame,
    PageTable,
    VSpace,
    AsidControl,
    AsidPool,
    Vcpu,
};

/// Rights as bits, numbered as in the API (seL4_CapRights). Of a frame only read and write.
struct RightsMask {
    static constexpr std::uint8_t write = 1, read = 2, grant = 4, grant_reply = 8, all = 15;
    static constexpr std::uint8_t frame_all = read | write;
};

/// Number of an address space; 0 is none.
using Asid = std::uint16_t;

struct Capability {
    CapKind kind = CapKind::Null;
    std::uint8_t rights = 0;
    /// log2 of the size in bytes; of a CNode or its zombie, its radix.
    std::uint8_t size_bits = 0;
    std::uint8_t guard_bits = 0;
    Asid asid = 0;           ///< of a mapped frame or page table, or of a VSpace
    bool is_device = false;  ///< untyped or frame
    bool is_mapped = false;  ///< page table in a VSpace, VSpace with an ASID
    /// Badge; guard of a CNode; bytes in use of an untyped; mapped address of a frame or page
    /// table; number of an interrupt; first ASID of a pool; slots left of a zombie.
    Word word = 0;
    PhysicalAddress address{};  ///< of the memory it stands for
    Object* object = nullptr;   ///< none for untypeds and frames

    [[nodiscard]] bool is_null() const { return kind == CapKind::Null; }
    [[nodiscard]] bool can(std::uint8_t mask) const { return (rights & mask) != 0; }
    /// The object as the T that the kind says it is.
    template <class T>
    [[nodiscard]] T* as() const {
        return static_cast<T*>(object);
    }
};

/// A place for a capability, and its neighbours in the derivation list: a capability's descendants
/// follow it (manual §3.1.4).
struct Slot {
    Capability cap;
    Slot* previous = nullptr;
    Slot* next = nullptr;
    /// Capabilities derived from this one are its children.
    bool revocable = false;
    /// The first with its badge: not a child of one with the same badge before it.
    bool first_badged = false;
};
static_assert(std::is_trivially_destructible_v<Slot> && std::is_trivially_copyable_v<Slot>);

/// log2 of the bytes that the capability stands for, 0 where it stands for no memory.
[[nodiscard]] unsigned memory_bits(const Capability& cap);

/// Whether b's memory or authority lies within a's.
[[nodiscard]] bool same_region(const Capability& a, const Capability& b);
/// Whether both name one object.
[[nodiscard]] bool same_object(const Capability& a, const Capability& b);

/// Whether a capability derived as `derived` from `source` can be revoked through itself.
[[nodiscard]] bool is_revocable(const Capability& derived, const Capability& source);

/// `cap` with a new badge or guard; Null where it can't take one. `preserve`: the badge stays.
[[nodiscard]] Capability with_data(bool preserve, Word data, Capability cap);
/// `cap` with the rights that `rights` leaves it.
[[nodiscard]] Capability with_rights(std::uint8_t rights, Capability cap);
/// Frame rights that are left of `held` under `mask`: write-only becomes nothing.
[[nodiscard]] std::uint8_t frame_rights(std::uint8_t held, std::uint8_t mask);

}  // namespace kos::sim
