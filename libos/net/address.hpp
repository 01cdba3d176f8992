// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Socket addresses (ip(7), ipv6(7), unix(7)) as apps give and get them.
#pragma once

#include "libos/core/user.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace kos::libos {

enum class Family : std::uint16_t { Unix = 1, Inet = 2, Inet6 = 10 };

/// An IPv4 address in the host's order, and a port. IPv6 sockets see it mapped; ::1 is 127.0.0.1
/// and :: is 0.0.0.0.
struct Endpoint {
    std::uint32_t address = 0;
    std::uint32_t port = 0;
};

/// EAFNOSUPPORT: of another family; EADDRNOTAVAIL: an IPv6 address that is no IPv4 one.
Outcome<Endpoint> read_endpoint(Family family, Word address, Word size);
/// Writes as much as there is room for, and how long it is.
Outcome<void> write_endpoint(Family family, const Endpoint& endpoint, Word address,
                             UserPointer<std::uint32_t> size);
Outcome<void> write_socket_path(std::string_view path, Word address,
                                UserPointer<std::uint32_t> size);
/// The path of a UNIX socket, or its abstract name with the leading zero; it lies in the app's
/// memory.
Outcome<std::string_view> read_socket_path(Word address, Word size);

}  // namespace kos::libos
