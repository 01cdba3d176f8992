// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A frame and what its header says is left to do (VIRTIO 1.2, section 5.1.6.2).
#pragma once

#include "lib/base/bytes.hpp"
#include "vmm/virtio/net/layout.hpp"

#include <cstdint>

namespace kos::virtio {

/// Whether \p header makes sense for a frame of \p size bytes, of a sender with these offloads
/// (bits of `net_host_offloads`).
[[nodiscard]] bool is_sound(const NetHeader& header, std::uint64_t size, Features offloads);

/// Offloads of the sending side that the receiving side knows under other bits, and back.
[[nodiscard]] Features host_from_guest(Features guest_offloads);

/// The checksum that is to be stored at checksum_start + checksum_offset: the frame is sound and
/// holds the pseudo-header's sum there (RFC 1071).
[[nodiscard]] std::uint16_t checksum_of(const NetHeader& header, Bytes frame);

}  // namespace kos::virtio
