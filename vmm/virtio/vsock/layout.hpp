// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sockets as drivers see them (VIRTIO 1.2, sections 5.10.4 and 5.10.6).
#pragma once

#include "lib/base/little_endian.hpp"

#include <cstdint>

namespace kos::virtio {

struct SocketConfig {
    Le64 guest_cid;  // 0x00
};

enum class SocketOperation : std::uint16_t {
    Invalid = 0,
    Request = 1,
    Response = 2,
    Reset = 3,
    Shutdown = 4,
    ReadWrite = 5,
    CreditUpdate = 6,
    CreditRequest = 7,
};

struct SocketHeader {
    Le64 source_cid;        // 0x00
    Le64 destination_cid;   // 0x08
    Le32 source_port;       // 0x10
    Le32 destination_port;  // 0x14
    Le32 length;            // 0x18: of the payload
    Le16 type;              // 0x1c
    Le16 operation;         // 0x1e
    Le32 flags;             // 0x20
    Le32 window;            // 0x24: the sender's buf_alloc
    Le32 forwarded;         // 0x28: the sender's fwd_cnt
};
static_assert(sizeof(SocketHeader) == 0x2c);

inline constexpr std::uint16_t socket_stream = 1;
inline constexpr std::uint64_t host_cid = 2;

/// Flags of Shutdown: the sender receives, or sends, nothing more.
inline constexpr std::uint32_t shutdown_receive = 1, shutdown_send = 2,
                               shutdown_both = shutdown_receive | shutdown_send;

}  // namespace kos::virtio
