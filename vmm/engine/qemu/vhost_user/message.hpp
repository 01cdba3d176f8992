// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Messages of vhost-user (QEMU, docs/interop/vhost-user, "Message Specification").
//
//   | request (4) | flags (4) | size (4) | payload (size) |     descriptors come as SCM_RIGHTS
//
// Numbers have the byte order of the machine: both ends are on it.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/linux/unique_fd.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace kos::vhost_user {

enum class Request : std::uint32_t {
    GetFeatures = 1,
    SetFeatures = 2,
    SetOwner = 3,
    ResetOwner = 4,
    SetMemTable = 5,
    SetVringNum = 8,
    SetVringAddr = 9,
    SetVringBase = 10,
    GetVringBase = 11,
    SetVringKick = 12,
    SetVringCall = 13,
    SetVringErr = 14,
    GetProtocolFeatures = 15,
    SetProtocolFeatures = 16,
    GetQueueNum = 17,
    SetVringEnable = 18,
    GetConfig = 24,
    SetConfig = 25,
};

struct Header {
    std::uint32_t request = 0;
    std::uint32_t flags = 0;
    std::uint32_t size = 0;
};
static_assert(sizeof(Header) == 12);

inline constexpr std::uint32_t flag_version_mask = 3, flag_version = 1, flag_reply = 4,
                               flag_need_reply = 8;

/// VHOST_USER_F_PROTOCOL_FEATURES, among the device's features.
inline constexpr std::uint64_t feature_protocol = std::uint64_t{1} << 30;
inline constexpr std::uint64_t protocol_reply_ack = 1 << 3, protocol_config = 1 << 9;

struct MemoryRegion {
    std::uint64_t guest_address = 0;
    std::uint64_t size = 0;
    std::uint64_t user_address = 0;  ///< in the front end's address space
    std::uint64_t mmap_offset = 0;   ///< into the file
};
static_assert(sizeof(MemoryRegion) == 32);

/// Regions in a table, and so descriptors in a message.
inline constexpr std::size_t max_regions = 8;

struct MemoryTable {
    std::uint32_t count = 0;
    std::uint32_t padding = 0;
};

struct VringState {
    std::uint32_t index = 0;
    std::uint32_t value = 0;
};

struct VringAddress {
    std::uint32_t index = 0;
    std::uint32_t flags = 0;
    std::uint64_t descriptors = 0, used = 0, available = 0;  ///< user addresses
    std::uint64_t log = 0;
};
static_assert(sizeof(VringAddress) == 40);

struct ConfigHeader {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    std::uint32_t flags = 0;
};

/// Of a SetVringKick, Call or Err: the queue, and whether no descriptor comes along.
inline constexpr std::uint64_t vring_index_mask = 0xff, vring_no_descriptor = 0x100;

inline constexpr std::size_t max_payload = 4096;

struct Message {
    Request request{};
    std::uint32_t flags = 0;
    std::vector<std::byte> payload;
    std::vector<sys::UniqueFd> descriptors;

    [[nodiscard]] bool needs_reply() const { return (flags & flag_need_reply) != 0; }
    /// The payload as a T, where it has just that size.
    template <class T>
    [[nodiscard]] std::optional<T> as() const {
        return payload.size() == sizeof(T) ? read_at<T>(payload, 0) : std::nullopt;
    }
};

}  // namespace kos::vhost_user
