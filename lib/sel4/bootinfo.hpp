// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the kernel tells the initial thread. Source: seL4 Reference Manual, chapter 9.
#pragma once

#include "lib/sel4/types.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kos::sel4 {

/// Slots [start, end) of the root CNode.
struct SlotRegion {
    Word start, end;
    [[nodiscard]] constexpr Word count() const { return end - start; }
};

struct UntypedDescription {
    Word physical_address;   // 0
    std::uint8_t size_bits;  // 8
    std::uint8_t is_device;  // 9
    std::uint8_t padding[6];
};
static_assert(sizeof(UntypedDescription) == 16);

inline constexpr std::size_t boot_info_max_untypeds = 230;

/// seL4_BootInfo of an MCS kernel.
struct BootInfo {
    Word extra_length;             // 0x00: bytes of the chunks in the pages that follow
    Word node_id;                  // 0x08
    Word node_count;               // 0x10
    Word io_page_table_levels;     // 0x18
    Word ipc_buffer;               // 0x20: address
    SlotRegion empty;              // 0x28
    SlotRegion shared_frames;      // 0x38
    SlotRegion user_image_frames;  // 0x48
    SlotRegion user_image_paging;  // 0x58
    SlotRegion io_space_caps;      // 0x68
    SlotRegion extra_pages;        // 0x78
    Word root_cnode_bits;          // 0x88
    Word domain;                   // 0x90
    SlotRegion sched_control;      // 0x98
    SlotRegion untyped;            // 0xa8
    UntypedDescription untypeds[boot_info_max_untypeds];  // 0xb8
};
static_assert(offsetof(BootInfo, sched_control) == 0x98 && offsetof(BootInfo, untypeds) == 0xb8 &&
              sizeof(BootInfo) <= 4096);

/// Heads each chunk of the extra boot information, which starts on the page after BootInfo.
struct BootInfoChunk {
    Word id;
    Word length;  ///< bytes, this header included
};
inline constexpr Word chunk_padding = 0;
inline constexpr Word chunk_device_tree = 6;

}  // namespace kos::sel4
