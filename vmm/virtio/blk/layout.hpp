// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Block devices as drivers see them (VIRTIO 1.2, sections 5.2.3, 5.2.4 and 5.2.6).
#pragma once

#include "lib/base/little_endian.hpp"
#include "vmm/virtio/device/feature.hpp"

#include <cstdint>

namespace kos::virtio {

inline constexpr Features blk_seg_max = feature(2), blk_read_only = feature(5),
                          blk_block_size = feature(6), blk_flush = feature(9),
                          blk_discard = feature(13), blk_write_zeroes = feature(14);

struct BlockConfig {
    Le64 capacity;                            // 0x00: in sectors
    Le32 size_max;                            // 0x08
    Le32 seg_max;                             // 0x0c
    Le32 geometry;                            // 0x10
    Le32 block_size;                          // 0x14
    Le64 topology;                            // 0x18
    std::uint8_t writeback = 0;               // 0x20
    std::uint8_t unused0 = 0;                 // 0x21
    Le16 num_queues;                          // 0x22
    Le32 max_discard_sectors;                 // 0x24
    Le32 max_discard_seg;                     // 0x28
    Le32 discard_sector_alignment;            // 0x2c
    Le32 max_write_zeroes_sectors;            // 0x30
    Le32 max_write_zeroes_seg;                // 0x34
    std::uint8_t write_zeroes_may_unmap = 0;  // 0x38
    std::uint8_t unused1[3] = {};             // 0x39
};
static_assert(sizeof(BlockConfig) == 0x3c);

enum class BlockOperation : std::uint32_t {
    Read = 0,
    Write = 1,
    Flush = 4,
    GetId = 8,
    Discard = 11,
    WriteZeroes = 13,
};

struct BlockHeader {
    Le32 type;      // 0x00
    Le32 reserved;  // 0x04
    Le64 sector;    // 0x08
};
static_assert(sizeof(BlockHeader) == 16);

/// What Discard and WriteZeroes have as data.
struct BlockRange {
    Le64 sector;   // 0x00
    Le32 sectors;  // 0x08
    Le32 flags;    // 0x0c
};
static_assert(sizeof(BlockRange) == 16);
inline constexpr std::uint32_t range_unmap = 1;

enum class BlockStatus : std::uint8_t { Ok = 0, IoError = 1, Unsupported = 2 };

/// Bytes of a serial; not terminated where it fills them.
inline constexpr std::size_t serial_size = 20;

}  // namespace kos::virtio
