// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Stream sockets of a guest: the requests that its VMM answers on vsock, for sockets to services of
// the guest's networks. docs/msg.md, "Stream sockets", is the specification. Allocates nothing.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/little_endian.hpp"
#include "lib/message/wire.hpp"

#include <cstdint>

namespace kos::message {

/// The host's vsock port of a guest's message socket number \p socket, in the order of
/// guest.json's `messages`; stream sockets have the first one's. 1001 is the control service's.
[[nodiscard]] constexpr std::uint32_t vsock_port(std::uint32_t socket) {
    constexpr std::uint32_t first = 1000, control = 1001;
    return socket == 0 ? first : control + socket;
}

struct ConnectBody {
    Le32 address;  // 0: IPv4: 10.0.0.1 is 0x0a000001
    Le16 port;     // 4
};
static_assert(sizeof(ConnectBody) == 6);

struct ConnectAnswer {
    Le32 own_address;  // 0
    Le16 own_port;     // 4
};
static_assert(sizeof(ConnectAnswer) == 6);

struct ListenBody {
    Le32 address;  // 0: 0 for all of the service
    Le16 port;     // 4: 0 for any
    Le16 backlog;  // 6: most that may wait
};
static_assert(sizeof(ListenBody) == 8);

struct ListenAnswer {
    Le16 port;  // 0
};
static_assert(sizeof(ListenAnswer) == 2);

struct IncomingBody {
    Token ticket;       // 0x00
    Le32 peer_address;  // 0x10
    Le16 peer_port;     // 0x14
    Le32 own_address;   // 0x16
};
static_assert(sizeof(IncomingBody) == 26);

/// A request for a stream socket, decoded: which field counts depends on the opcode.
struct SocketRequest {
    Opcode opcode{};  ///< Connect, Listen or Accept
    std::uint32_t id = 0;
    ConnectBody connect{};
    ListenBody listen{};
    Token ticket{};  ///< of Accept
};

/// Whether \p opcode is a request of these.
[[nodiscard]] constexpr bool is_socket_request(Opcode opcode) {
    return opcode == Opcode::Connect || opcode == Opcode::Listen || opcode == Opcode::Accept;
}

/// A request, whole and exact.
[[nodiscard]] Result<SocketRequest, Refusal> decode_socket_request(Bytes payload);

}  // namespace kos::message
