// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What an app's objects are, in bytes and slots: the one function behind both the prediction
// (packer, inspect) and the use (root server).
//
// All objects of an app are made at spawn from its own untypeds. The first untyped holds the CNode
// in whose slots all other objects' capabilities lie; the others hold those objects, largest first,
// so that each is aligned where the one before it ends and no byte is lost (pieces.hpp).
#pragma once

#include "lib/base/static_vector.hpp"
#include "lib/manifest/image.hpp"
#include "lib/sel4/abi.hpp"

#include <cstdint>
#include <string_view>

namespace kos::caps {

/// What an object is for; several kinds can have one seL4 type.
enum class ObjectKind : std::uint8_t {
    GrantedLargeUntyped,  ///< ut_large_page: handed to the app
    LargeFrame,
    AppCNode,  ///< the app's own CSpace
    VSpace,
    Frame,      ///< of mappings made beforehand
    HeapFrame,  ///< for demand paging
    PageTable,
    GrantedSmallUntyped,  ///< ut_4k_pages: handed to the app
    Vcpu,
    Tcb,
    SchedContext,
    Notification,
    Reply,
    Endpoint,
};
inline constexpr std::size_t object_kind_count = 14;
[[nodiscard]] std::string_view name_of(ObjectKind kind);

/// `count` objects of one kind, in consecutive slots of the object CNode.
struct ObjectGroup {
    ObjectKind kind{};
    sel4::ObjectType type{};
    std::uint8_t size_bits = 0;   ///< as Untyped_Retype takes it
    std::uint8_t bytes_bits = 0;  ///< log2 of the bytes of one
    std::uint32_t count = 0;
    std::uint32_t first_slot = 0;

    [[nodiscard]] constexpr std::uint64_t bytes() const {
        return std::uint64_t{count} << bytes_bits;
    }
};

/// Untypeds that an app of seL4's own convention gets.
struct UntypedGrant {
    std::uint32_t large = 0;  ///< 2 MiB
    std::uint32_t small = 0;  ///< 4 KiB
};

class ObjectList {
   public:
    /// Radixes in \p counts must be at most manifest::max_cnode_bits, as ImageView checks.
    static ObjectList create(const manifest::ObjectCounts& counts, UntypedGrant grant,
                             const sel4::KernelAbi& abi);
    static ObjectList create(const manifest::App& app, const sel4::KernelAbi& abi);

    /// Largest objects first; kinds with no objects are absent. Without the object CNode.
    [[nodiscard]] std::span<const ObjectGroup> groups() const { return groups_.items(); }
    /// The group of that kind; its count is 0 where the app has none.
    [[nodiscard]] ObjectGroup group(ObjectKind kind) const;

    [[nodiscard]] unsigned object_cnode_bits() const { return object_cnode_bits_; }
    /// log2 of the object CNode's bytes.
    [[nodiscard]] unsigned object_cnode_bytes_bits() const { return object_cnode_bytes_bits_; }

    /// Slots of the object CNode behind the objects: capabilities to shared pages of the image.
    [[nodiscard]] std::uint32_t first_shared_slot() const { return first_shared_slot_; }
    /// Slots behind those, of a microVM: the frames of its guest's memory, then as many
    /// capabilities for its VMM's mapping of them, then the pages of devices (guest_device_slots).
    [[nodiscard]] std::uint32_t first_guest_slot() const { return first_guest_slot_; }
    [[nodiscard]] std::uint32_t guest_frames() const { return guest_frames_; }
    /// Slots that are used, shared pages and the guest's included.
    [[nodiscard]] std::uint64_t slots() const { return slots_; }
    /// Whether the object CNode has a slot for everything.
    [[nodiscard]] bool fits() const { return slots_ <= std::uint64_t{1} << object_cnode_bits_; }

    /// Bytes of the objects, the object CNode left out.
    [[nodiscard]] std::uint64_t object_bytes() const { return object_bytes_; }
    /// Bytes of untyped memory that the app reserves: a multiple of the page size. The manifest's
    /// "Untyped" (K4).
    [[nodiscard]] std::uint64_t untyped_bytes() const;

   private:
    void assign_slots();

    StaticVector<ObjectGroup, object_kind_count> groups_;
    unsigned object_cnode_bits_ = 0;
    unsigned object_cnode_bytes_bits_ = 0;
    std::uint32_t first_shared_slot_ = 0;
    std::uint32_t first_guest_slot_ = 0;
    std::uint32_t guest_frames_ = 0;
    std::uint64_t slots_ = 0;
    std::uint64_t object_bytes_ = 0;
};

/// Slots of a microVM for pages of devices: the interrupt controller's two for its guest and its
/// volumes' registers, or the registers and windows of what starts guests outside (vmm/README.md).
inline constexpr std::uint32_t guest_device_slots = 3;
/// Of these, that of the volumes' registers.
inline constexpr std::uint32_t volume_device_slot = 2;

/// Slots of the object CNode that \p counts needs on any kernel (object_cnode_bits left aside).
[[nodiscard]] std::uint64_t slots_needed(const manifest::ObjectCounts& counts, UntypedGrant grant);

}  // namespace kos::caps
