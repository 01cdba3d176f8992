// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/control/server.hpp"

#include <algorithm>
#include <sys/socket.h>

// Needs what stands above.
#include <linux/vm_sockets.h>

namespace kos::init {

namespace {

/// Whether the peer may speak to the service: a container of the guest may not.
bool is_host(const sockaddr_storage& peer) {
    if (peer.ss_family != AF_VSOCK) return true;
    sockaddr_vm address{};
    std::memcpy(&address, &peer, sizeof address);
    return address.svm_cid == VMADDR_CID_HOST;
}

}  // namespace

Outcome<sys::UniqueFd> listen_vsock(std::uint32_t port) {
    const std::string where = "vsock port " + std::to_string(port);
    sys::UniqueFd socket{
        KOS_TRY(explain(sys::check(::socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0)),
                        ErrorCode::GuestNetwork, where, "socket"))};
    sockaddr_vm address{};
    address.svm_family = AF_VSOCK;
    address.svm_cid = VMADDR_CID_ANY;
    address.svm_port = port;
    KOS_TRY(explain(sys::done(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                                     sizeof address)),
                    ErrorCode::GuestNetwork, where, "bind"));
    KOS_TRY(
        explain(sys::done(::listen(socket.get(), 64)), ErrorCode::GuestNetwork, where, "listen"));
    return socket;
}

Outcome<void> Server::listen(sys::UniqueFd listener) {
    listener_ = std::move(listener);
    return explain(context_.loop.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept(); }),
                   ErrorCode::GuestInternal, "control service", "epoll");
}

void Server::accept() {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    sys::UniqueFd socket{
        ::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC)};
    if (!socket || sessions_.size() >= most_sessions || !is_host(peer)) return;
    const auto place = sessions_.emplace(sessions_.end());
    *place = std::make_unique<Session>(context_, supervisor_, std::move(socket), [this, place] {
        // Not from within the session's own call.
        context_.timers.after(0, [this, gone = place->get()] { drop(gone); });
    });
}

void Server::drop(const Session* session) {
    was_told_ = was_told_ || session->was_told();
    sessions_.remove_if([&](const auto& entry) { return entry.get() == session; });
    check_reported();
}

void Server::container_changed(const Container& container) {
    for (const auto& session : sessions_) session->container_changed(container);
}

void Server::finish(std::uint32_t milliseconds, std::function<void()> on_reported) {
    on_reported_ = std::move(on_reported);
    context_.timers.after(milliseconds, [this] {
        if (on_reported_) std::exchange(on_reported_, nullptr)();
    });
    for (const auto& session : sessions_) session->finish();
    check_reported();
}

void Server::check_reported() {
    if (!on_reported_ || !sessions_.empty() || !was_told_) return;
    std::exchange(on_reported_, nullptr)();
}

}  // namespace kos::init
