// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/net/packet.hpp"

namespace kos::virtio {

namespace {

/// The feature that a GSO type needs, or none where there is no such type.
Features needed_for(std::uint8_t gso_type) {
    switch (gso_type) {
        case gso_tcp4:
            return net_host_tso4;
        case gso_tcp6:
            return net_host_tso6;
        default:
            return 0;
    }
}

}  // namespace

bool is_sound(const NetHeader& header, std::uint64_t size, Features offloads) {
    if (size < min_frame || size > max_frame) return false;
    const bool checksum = (header.flags & net_needs_checksum) != 0;
    if (checksum) {
        if ((offloads & net_host_checksum) == 0) return false;
        const std::uint64_t place = std::uint64_t{header.checksum_start} + header.checksum_offset;
        if (place + 2 > size) return false;
    }
    const auto type = static_cast<std::uint8_t>(header.gso_type & ~gso_ecn);
    if (header.gso_type == gso_none) return true;
    const Features needed = needed_for(type);
    const bool ecn = (header.gso_type & gso_ecn) != 0;
    return needed != 0 && (offloads & needed) == needed &&
           (!ecn || (offloads & net_host_ecn) != 0) && checksum && header.gso_size != 0 &&
           header.header_length <= size;
}

Features host_from_guest(Features guest_offloads) {
    Features host = 0;
    if ((guest_offloads & net_guest_checksum) != 0) host |= net_host_checksum;
    if ((guest_offloads & net_guest_tso4) != 0) host |= net_host_tso4;
    if ((guest_offloads & net_guest_tso6) != 0) host |= net_host_tso6;
    if ((guest_offloads & net_guest_ecn) != 0) host |= net_host_ecn;
    return host;
}

std::uint16_t checksum_of(const NetHeader& header, Bytes frame) {
    std::uint64_t sum = 0;
    for (std::size_t i = header.checksum_start; i < frame.size(); i += 2) {
        sum += static_cast<std::uint64_t>(frame[i]) << 8;
        if (i + 1 < frame.size()) sum += static_cast<std::uint64_t>(frame[i + 1]);
    }
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    const auto folded = static_cast<std::uint16_t>(~sum);
    // A UDP checksum of 0 would mean that there is none (RFC 768); for TCP both mean the same.
    return folded == 0 ? 0xffff : folded;
}

}  // namespace kos::virtio
