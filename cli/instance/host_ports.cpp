// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/host_ports.hpp"

#include "lib/linux/result.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace kos::instance {

namespace {

union SocketAddress {
    sockaddr any;
    sockaddr_in ipv4;
    sockaddr_in6 ipv6;
};

/// \p address is numeric: who read the project has checked.
SocketAddress address_of(const std::string& address, std::uint16_t port) {
    SocketAddress result{};
    if (::inet_pton(AF_INET, address.c_str(), &result.ipv4.sin_addr) == 1) {
        result.ipv4.sin_family = AF_INET;
        result.ipv4.sin_port = htons(port);
        return result;
    }
    result = {};
    (void)::inet_pton(AF_INET6, address.c_str(), &result.ipv6.sin6_addr);
    result.ipv6.sin6_family = AF_INET6;
    result.ipv6.sin6_port = htons(port);
    return result;
}

socklen_t size_of(const SocketAddress& address) {
    return address.any.sa_family == AF_INET ? sizeof address.ipv4 : sizeof address.ipv6;
}

/// Invalid, and errno set, where the port cannot be had.
sys::UniqueFd listen_at(const SocketAddress& address) {
    sys::UniqueFd socket{
        ::socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket) return socket;
    constexpr int on = 1;
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // Each address is published by itself: "::" does not take IPv4's port along.
    if (address.any.sa_family == AF_INET6) {
        (void)::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    if (::bind(socket.get(), &address.any, size_of(address)) != 0 ||
        ::listen(socket.get(), SOMAXCONN) != 0) {
        const int error = errno;
        socket.reset();
        errno = error;
    }
    return socket;
}

std::uint16_t port_of(sys::Fd socket) {
    SocketAddress address{};
    socklen_t size = sizeof address;
    (void)::getsockname(socket, &address.any, &size);
    return ntohs(address.any.sa_family == AF_INET ? address.ipv4.sin_port : address.ipv6.sin6_port);
}

std::string text_of(const std::string& address, const std::string& port) {
    const bool is_ipv6 = address.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + address + "]" : address) + ":" + port;
}

std::string text_of(const PublishedPort& port) {
    std::string numbers = std::to_string(port.first);
    if (port.last != port.first) numbers += "-" + std::to_string(port.last);
    return text_of(port.address, numbers);
}

}  // namespace

Outcome<HostPorts> HostPorts::listen(const std::vector<PublishedPort>& ports) {
    std::vector<Listener> listeners;
    for (const PublishedPort& port : ports) {
        sys::UniqueFd socket;
        for (std::uint32_t number = port.first; !socket && number <= port.last; ++number) {
            socket = listen_at(address_of(port.address, static_cast<std::uint16_t>(number)));
        }
        if (!socket) {
            return fail(ErrorCode::HostPort, text_of(port),
                        "for " + port.service + ": " + std::strerror(errno));
        }
        PublishedPort taken = port;
        taken.first = taken.last = port_of(socket.get());
        listeners.push_back({std::move(socket), std::move(taken)});
    }
    return HostPorts{std::move(listeners)};
}

Outcome<void> HostPorts::serve(sys::EventLoop& loop, GuestLine& line, std::uint8_t gateway,
                               const sys::Acceptor::Log& log) {
    line_ = &line;
    for (Listener& listener : listeners_) {
        const auto take = [this, &listener, gateway](sys::UniqueFd client) {
            constexpr int on = 1;
            (void)::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            line_->connect_to_port(gateway, listener.port.number, std::move(client),
                                   listener.place);
            tend();
        };
        auto acceptor = sys::Acceptor::create(loop, text_of(listener.port),
                                              std::move(listener.socket), take, log);
        if (!acceptor) return fail(ErrorCode::Target, "epoll", sys::describe(acceptor.error()));
        listener.acceptor = std::move(acceptor).value();
    }
    return {};
}

void HostPorts::tend() {
    if (line_ == nullptr) return;
    std::size_t taken = 0, kept = 0;
    for (const Listener& listener : listeners_) {
        taken += listener.clients();
        if (listener.clients() == 0) ++kept;
    }
    for (const Listener& listener : listeners_) {
        listener.acceptor->set_open(taken + (listener.clients() == 0 ? 0 : kept) < places);
    }
}

std::vector<std::string> HostPorts::of_service(const std::string& service) const {
    std::vector<std::string> texts;
    for (const Listener& listener : listeners_) {
        const PublishedPort& port = listener.port;
        if (port.service != service) continue;
        texts.push_back(text_of(port) + "->" + std::to_string(port.target) + "/tcp");
    }
    return texts;
}

}  // namespace kos::instance
