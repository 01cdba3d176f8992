// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/sockets/end.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

namespace kos::init {

namespace {

sockaddr_in to_sockaddr(End end) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(end.port);
    out.sin_addr.s_addr = htonl(end.address);
    return out;
}

template <class Address>
const sockaddr* generic(const Address& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

template <class Call>
std::optional<End> ask(Call call, sys::Fd socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (call(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return std::nullopt;
    return end_of(address, size);
}

}  // namespace

std::optional<End> end_of(const sockaddr_storage& address, std::size_t size) {
    if (address.ss_family == AF_INET && size >= sizeof(sockaddr_in)) {
        sockaddr_in in;
        std::memcpy(&in, &address, sizeof in);
        return End{ntohl(in.sin_addr.s_addr), ntohs(in.sin_port)};
    }
    if (address.ss_family != AF_INET6 || size < sizeof(sockaddr_in6)) return std::nullopt;
    sockaddr_in6 in;
    std::memcpy(&in, &address, sizeof in);
    const std::uint16_t port = ntohs(in.sin6_port);
    if (IN6_IS_ADDR_UNSPECIFIED(&in.sin6_addr)) return End{0, port};
    if (!IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) return std::nullopt;
    in_addr_t last = 0;
    std::memcpy(&last, in.sin6_addr.s6_addr + 12, sizeof last);
    return End{ntohl(last), port};
}

std::optional<End> own_end(sys::Fd socket) { return ask(::getsockname, socket); }
std::optional<End> peer_end(sys::Fd socket) { return ask(::getpeername, socket); }

sys::Result<void> bind_to(sys::Fd socket, End end) {
    const sockaddr_in address = to_sockaddr(end);
    if (option_of(socket, SOL_SOCKET, SO_DOMAIN, AF_INET) != AF_INET6) {
        return sys::done(::bind(socket, generic(address), sizeof address));
    }
    sockaddr_in6 mapped{};
    mapped.sin6_family = AF_INET6;
    mapped.sin6_port = address.sin_port;
    if (end.address != 0) {
        std::memset(mapped.sin6_addr.s6_addr + 10, 0xff, 2);
        std::memcpy(mapped.sin6_addr.s6_addr + 12, &address.sin_addr, sizeof address.sin_addr);
    }
    return sys::done(::bind(socket, generic(mapped), sizeof mapped));
}

sys::Result<void> connect_to(sys::Fd socket, End end) {
    const sockaddr_in address = to_sockaddr(end);
    return sys::done(::connect(socket, generic(address), sizeof address));
}

int option_of(sys::Fd socket, int level, int name, int otherwise) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(socket, level, name, &value, &size) == 0 ? value : otherwise;
}

std::uint64_t cookie_of(sys::Fd socket, int name) {
    std::uint64_t value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : 0;
}

void reset_at_close(sys::Fd socket) {
    const linger now{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace kos::init
