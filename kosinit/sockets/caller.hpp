// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the caller of connect(2) or listen(2) names: an address in its memory, a socket among its
// descriptors.
#pragma once

#include "kosinit/sockets/call_filter.hpp"
#include "kosinit/sockets/end.hpp"

namespace kos::init {

/// The IPv4 address and port that connect(2) was given; nothing where it is another kind of
/// address or cannot be read: the kernel says what is wrong with it.
[[nodiscard]] std::optional<End> destination_of(const Call& call);

/// The caller's socket, as a descriptor of our own, where it is a TCP socket of our network
/// namespace. Keeps it open.
[[nodiscard]] sys::UniqueFd stream_socket_of(const Call& call);

/// TCP_CLOSE, TCP_LISTEN, … of a socket.
[[nodiscard]] int state_of(sys::Fd socket);

}  // namespace kos::init
