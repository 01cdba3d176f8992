// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The untyped memory and slots that the kernel left to the root server, and the root server's own
// objects made from them, which live as long as it does.
#pragma once

#include "lib/base/address.hpp"
#include "lib/msg/control.hpp"
#include "lib/sel4/bootinfo.hpp"
#include "loader/caps/reserve.hpp"
#include "rootserver/trouble.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kos::rootserver {

class RootMemory {
   public:
    /// Untypeds and halves of them that it can note at once: some 16 an app, and the boot
    /// information has at most 230.
    static constexpr std::size_t max_nodes = 2560;
    /// Free slots that it notes; a larger root CNode keeps the rest unused.
    static constexpr std::uint64_t max_slots = 1u << 17;

    /// Takes note of every untyped and free slot. \p boot_info is read, not kept.
    explicit RootMemory(const sel4::BootInfo& boot_info);
    RootMemory(const RootMemory&) = delete;
    RootMemory& operator=(const RootMemory&) = delete;

    /// One object of the root server's own.
    Attempt<sel4::CPtr> make(sel4::ObjectType type, unsigned size_bits, Subject subject);
    /// Frames of the device memory [start, start + count << size_bits) in \p window, from its slot
    /// \p first_slot on; \p start is aligned to the frame's size.
    Attempt<> make_device_frames(PhysicalAddress start, std::uint64_t count, unsigned size_bits,
                                 const caps::CNodeWindow& window, std::uint64_t first_slot);
    /// A slot for a capability that is no object of its own.
    Attempt<sel4::CPtr> slot(Subject subject);
    void release_slot(sel4::CPtr slot) { slots_.release(slot.value); }

    /// The CNode that the kernel made.
    [[nodiscard]] const caps::CNodeWindow& window() const { return slots_.window(); }
    [[nodiscard]] caps::Pools pools() { return {untypeds_, slots_}; }
    [[nodiscard]] const caps::UntypedAllocator& untypeds() const { return untypeds_; }
    [[nodiscard]] msg::InventoryRecord inventory() const;

   private:
    std::array<caps::UntypedNode, max_nodes> nodes_{};
    std::array<std::uint64_t, caps::SlotAllocator::words_for(max_slots)> slot_bitmap_{};
    caps::UntypedAllocator untypeds_;
    caps::SlotAllocator slots_;
};

}  // namespace kos::rootserver
