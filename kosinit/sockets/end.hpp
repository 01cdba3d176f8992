// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One end of an IPv4 stream, and how sockets are asked for theirs.
#pragma once

#include "kosinit/setup/guest_config.hpp"
#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <sys/socket.h>

namespace kos::init {

struct End {
    Ipv4Address address = 0;
    std::uint16_t port = 0;
    friend auto operator<=>(const End&, const End&) = default;
};

/// Of AF_INET, or of AF_INET6 where it is an IPv4 address (`::ffff:a.b.c.d`) or `::`, which is
/// 0.0.0.0.
[[nodiscard]] std::optional<End> end_of(const sockaddr_storage& address, std::size_t size);

[[nodiscard]] std::optional<End> own_end(sys::Fd socket);
[[nodiscard]] std::optional<End> peer_end(sys::Fd socket);

/// bind(2), of a socket of AF_INET6 as well.
[[nodiscard]] sys::Result<void> bind_to(sys::Fd socket, End end);
/// connect(2) of an AF_INET socket.
[[nodiscard]] sys::Result<void> connect_to(sys::Fd socket, End end);

/// A number that getsockopt(2) gives; \p otherwise where it gives none.
[[nodiscard]] int option_of(sys::Fd socket, int level, int name, int otherwise);
/// SO_COOKIE, SO_NETNS_COOKIE.
[[nodiscard]] std::uint64_t cookie_of(sys::Fd socket, int name);

/// The next close(2) resets the connection.
void reset_at_close(sys::Fd socket);

}  // namespace kos::init
