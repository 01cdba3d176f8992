// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where a socket is and what it is joined to: bind, listen, connect, accept. What goes through it
// is in socket.cpp.
#include "libos/core/process.hpp"
#include "libos/net/session.hpp"
#include "libos/net/socket.hpp"

#include <utility>

namespace kos::libos {

namespace {

using message::Call;
namespace flag = message::channel_flag;

constexpr std::uint32_t loopback = 0x7f00'0001;
bool is_loopback(std::uint32_t address) { return address >> 24 == 127; }

}  // namespace

Outcome<void> Socket::bind(const Endpoint& endpoint) {
    const Locked locked(lock_);
    if (state_ != State::New || own_.port != 0) return Err{Errno::Einval};
    own_ = endpoint;
    return {};
}

void Socket::close_links() {
    for (std::uint8_t i = 0; i < link_count_; ++i) links_[i].close();
    link_count_ = 0;
}

Outcome<void> Socket::bind_path(std::string_view path) {
    const Locked locked(lock_);
    if (state_ != State::New || place_ != nullptr) return Err{Errno::Einval};
    if (!is_stream_) return Err{Errno::Eacces};
    place_ = KOS_TRY(process().local_sockets.bind(LocalName{path}));
    place_is_own_ = true;
    return {};
}

Outcome<void> Socket::listen(Word backlog) {
    const Locked locked(lock_);
    if (state_ == State::Connected) return Err{Errno::Einval};
    const bool is_any_port = family_ != Family::Unix && own_.port == 0;
    for (;;) {
        if (family_ == Family::Unix) {
            if (place_ == nullptr) return Err{Errno::Einval};
        } else if (!is_loopback(own_.address)) {
            KOS_TRY(listen_on_servers(backlog));
        }
        const bool has_servers_port = link_count_ != 0;
        const auto done = listen_locally(backlog);
        if (done) break;
        if (state_ == State::New) close_links();
        if (!is_any_port) return done;
        // The server's free port is taken within the app: its next one.
        own_.port = 0;
        if (!has_servers_port || done.error() != Errno::Eaddrinuse) return done;
    }
    state_ = State::Listening;
    return {};
}

/// Where others of the app connect to: not to an address of one network alone.
Outcome<void> Socket::listen_locally(Word backlog) {
    LocalSockets& local = process().local_sockets;
    if (place_ == nullptr) {
        if (own_.address != 0 && !is_loopback(own_.address)) return {};
        place_ = KOS_TRY(local.bind(LocalName{own_}));
        place_is_own_ = true;
        own_.port = place_->name.endpoint.port;
    }
    local.listen(*place_, backlog);
    return {};
}

Outcome<void> Socket::listen_on_servers(Word backlog) {
    const Word servers = process().servers.count();
    if (state_ == State::Listening) {
        for (std::uint8_t i = 0; i < link_count_; ++i) {
            KOS_TRY(links_[i].call(Call::Listen, own_.address, own_.port, backlog));
        }
        return {};
    }
    Errno error = Errno::Eaddrnotavail;
    for (Word server = 0; server < servers; ++server) {
        const auto opened = MessageServers::call(server, Call::OpenStream);
        if (!opened) {
            // What uses up the app's channels on one network keeps it off no other.
            error = opened.error();
            continue;
        }
        const Link link{server, (*opened)[0]};
        const auto port = link.call(Call::Listen, own_.address, own_.port, backlog);
        if (port) {
            own_.port = static_cast<std::uint32_t>((*port)[0]);
            links_[link_count_++] = link;
            continue;
        }
        link.close();
        // An address is one message server's.
        if (port.error() == Errno::Eaddrnotavail) continue;
        close_links();
        return Err{port.error()};
    }
    // Without a network there is still the app itself, on all addresses.
    if (link_count_ == 0 && (servers > 0 || own_.address != 0)) return Err{error};
    return {};
}

Outcome<void> Socket::connect(const Endpoint& endpoint) {
    const Locked locked(lock_);
    if (state_ == State::Connected) return Err{Errno::Eisconn};
    if (state_ == State::Listening) return Err{Errno::Einval};
    if (endpoint.address != 0 && !is_loopback(endpoint.address)) {
        return connect_to_service(endpoint);
    }
    const Endpoint there{endpoint.address == 0 ? loopback : endpoint.address, endpoint.port};
    const auto done = connect_locally(LocalName{there});
    // Where Linux would ask again for a while.
    if (!done && done.error() == Errno::Eagain) return Err{Errno::Econnrefused};
    if (done) peer_ = there;
    return done;
}

Outcome<void> Socket::connect_locally(const LocalName& name) {
    const auto connected = KOS_TRY(process().local_sockets.connect(name));
    local_ = connected.end;
    place_ = connected.place;
    own_ = connected.own;
    state_ = State::Connected;
    return {};
}

Outcome<void> Socket::connect_to_service(const Endpoint& endpoint) {
    const Word servers = process().servers.count();
    if (servers == 0) return Err{Errno::Enetunreach};
    // What is beyond the app's networks looks as if it were not there.
    Errno error = Errno::Econnrefused;
    for (Word server = 0; server < servers; ++server) {
        const auto opened = MessageServers::call(server, Call::OpenStream);
        if (!opened) {
            error = opened.error();
            continue;
        }
        const Link link{server, (*opened)[0]};
        const Word asks_elsewhere = server + 1 < servers ? 1 : 0;
        const auto own = link.call(Call::Connect, endpoint.address, endpoint.port, asks_elsewhere);
        if (own) {
            own_ = {static_cast<std::uint32_t>((*own)[0]), static_cast<std::uint32_t>((*own)[1])};
            peer_ = endpoint;
            links_[0] = link;
            link_count_ = 1;
            state_ = State::Connected;
            return {};
        }
        link.close();
        if (own.error() != Errno::Enetunreach) return Err{own.error()};
    }
    return Err{error};
}

Outcome<void> Socket::connect_to_path(std::string_view path) {
    const Locked locked(lock_);
    if (state_ == State::Connected) return Err{Errno::Eisconn};
    if (state_ == State::Listening || place_ != nullptr) return Err{Errno::Einval};
    if (is_stream_) return connect_locally(LocalName{path});
    const MessageServers::Socket found = KOS_TRY(process().servers.find(path));
    const auto opened =
        KOS_TRY(MessageServers::call(found.server, Call::OpenSession, found.number));
    links_[0] = {found.server, opened[0]};
    link_count_ = 1;
    Session{links_[0]}.begin();
    state_ = State::Connected;
    return {};
}

Outcome<Socket::Accepted> Socket::accept() {
    if (state_ != State::Listening) return Err{Errno::Einval};
    for (Activity::Watch watch{process().activity};;) {
        for (std::uint8_t i = 0; i < link_count_; ++i) {
            if (!links_[i].has(flag::acceptable)) continue;
            const auto accepted = links_[i].call(Call::Accept);
            if (accepted) {
                const auto& words = *accepted;
                return Accepted{
                    {links_[i].server(), words[0]},
                    {static_cast<std::uint32_t>(words[3]), own_.port},
                    {static_cast<std::uint32_t>(words[1]), static_cast<std::uint32_t>(words[2])}};
            }
            if (accepted.error() != Errno::Eagain) return Err{accepted.error()};
        }
        if (place_ != nullptr) {
            const auto accepted = process().local_sockets.accept(*place_);
            if (accepted) {
                const bool is_path = family_ == Family::Unix;
                const Endpoint own = is_path ? Endpoint{} : Endpoint{loopback, own_.port};
                return Accepted{{}, own, accepted->peer, accepted->end, place_};
            }
        }
        if (!blocking()) return Err{Errno::Eagain};
        watch.wait();
    }
}

void Socket::Accepted::close() const {
    if (local.in == nullptr) {
        link.close();
        return;
    }
    local.close(process().activity);
    process().local_sockets.release(*place, false);
}

}  // namespace kos::libos
