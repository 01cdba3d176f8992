// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The split virtqueue in memory (VIRTIO 1.2, section 2.7), for a queue of N descriptors.
//
//   descriptor table   N × 16         aligned to 16
//   available ring     flags, idx, N × head, used_event          aligned to 2
//   used ring          flags, idx, N × {id, len}, avail_event    aligned to 4
#pragma once

#include "lib/base/little_endian.hpp"

#include <cstddef>
#include <cstdint>

namespace kos::virtio {

/// Section 2.7.5.
struct Descriptor {
    Le64 address;  // 0x00
    Le32 length;   // 0x08
    Le16 flags;    // 0x0c
    Le16 next;     // 0x0e
};
static_assert(sizeof(Descriptor) == 16);

/// Flags of a descriptor.
inline constexpr std::uint16_t descriptor_next = 1, descriptor_write = 2, descriptor_indirect = 4;

/// Section 2.7.8.
struct UsedElement {
    Le32 id;      // 0x00
    Le32 length;  // 0x04
};
static_assert(sizeof(UsedElement) == 8);

/// Flags of the available and of the used ring.
inline constexpr std::uint16_t available_no_interrupt = 1, used_no_notify = 1;

inline constexpr std::uint64_t ring_flags_offset = 0, ring_index_offset = 2, ring_offset = 4;
inline constexpr std::uint64_t event_size = 2;
inline constexpr std::uint64_t descriptor_alignment = 16, available_alignment = 2,
                               used_alignment = 4;

[[nodiscard]] constexpr std::uint64_t descriptor_table_size(std::uint16_t count) {
    return std::uint64_t{sizeof(Descriptor)} * count;
}
/// Where used_event is, which ends the ring.
[[nodiscard]] constexpr std::uint64_t used_event_offset(std::uint16_t count) {
    return ring_offset + std::uint64_t{2} * count;
}
[[nodiscard]] constexpr std::uint64_t available_ring_size(std::uint16_t count) {
    return used_event_offset(count) + event_size;
}
/// Where avail_event is, which ends the ring.
[[nodiscard]] constexpr std::uint64_t available_event_offset(std::uint16_t count) {
    return ring_offset + std::uint64_t{sizeof(UsedElement)} * count;
}
[[nodiscard]] constexpr std::uint64_t used_ring_size(std::uint16_t count) {
    return available_event_offset(count) + event_size;
}

/// Queues have at most so many descriptors (section 2.7).
inline constexpr std::uint16_t max_queue_size = 32768;

}  // namespace kos::virtio
