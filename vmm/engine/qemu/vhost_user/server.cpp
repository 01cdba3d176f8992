// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/vhost_user/server.hpp"

#include "lib/linux/socket.hpp"
#include "vmm/engine/qemu/vhost_user/channel.hpp"

#include <sys/socket.h>

namespace kos::vhost_user {

sys::Result<std::unique_ptr<Server>> Server::create(sys::EventLoop& loop, virtio::Device& device,
                                                    const std::string& path, Session::Log log) {
    return adopt(loop, device, KOS_TRY(sys::listen_stream(path)), std::move(log));
}

sys::Result<std::unique_ptr<Server>> Server::adopt(sys::EventLoop& loop, virtio::Device& device,
                                                   sys::UniqueFd listener, Session::Log log) {
    const sys::Fd fd = listener.get();
    std::unique_ptr<Server> server{new Server{loop, device, std::move(log), std::move(listener)}};
    KOS_TRY(loop.add(fd, EPOLLIN, [server = server.get()](std::uint32_t) { server->accept(); }));
    return server;
}

sys::Result<std::unique_ptr<Server>> Server::connected(sys::EventLoop& loop, virtio::Device& device,
                                                       sys::UniqueFd connection, Session::Log log) {
    std::unique_ptr<Server> server{new Server{loop, device, std::move(log), {}}};
    KOS_TRY(server->take(std::move(connection)));
    return server;
}

Server::~Server() {
    disconnect();
    if (listener_) loop_.remove(listener_.get());
}

void Server::accept() {
    sys::UniqueFd connection{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    // A second front end waits for nothing: a device has one guest.
    if (!connection || session_) return;
    (void)take(std::move(connection));  // which is closed where it cannot be waited for
}

sys::Result<void> Server::take(sys::UniqueFd connection) {
    KOS_TRY(loop_.add(connection.get(), EPOLLIN, [this](std::uint32_t) { serve(); }));
    connection_ = std::move(connection);
    session_ = std::make_unique<Session>(device_, *this, log_);
    return {};
}

void Server::serve() {
    auto received = receive(connection_.get());
    if (!received || !received.value()) {
        if (!received) log_(std::string{"vhost-user: "} + sys::describe(received.error()));
        return disconnect();
    }
    Message& message = *received.value();
    const auto handled = session_->handle(message);
    sys::Result<void> replied;
    if (handled && !handled.value().empty()) {
        replied = reply(connection_.get(), message.request, handled.value());
    } else if (message.needs_reply()) {
        const std::uint64_t status = handled ? 0 : 1;
        replied = reply(connection_.get(), message.request, bytes_of(status));
    }
    if (!handled) {
        log_(std::string{"vhost-user: request "} +
             std::to_string(static_cast<std::uint32_t>(message.request)) + ": " +
             std::string{describe(handled.error())});
    }
    if (!replied || (!handled && !message.needs_reply())) disconnect();
}

void Server::disconnect() {
    if (!session_) return;
    session_.reset();
    loop_.remove(connection_.get());
    connection_.reset();
    if (on_disconnect) on_disconnect();
}

void Server::watch(unsigned queue, sys::Fd kick) {
    // A descriptor that cannot be waited for never kicks; the front end harms itself.
    (void)loop_.add(kick, EPOLLIN, [this, queue](std::uint32_t) { session_->kicked(queue); });
}

void Server::unwatch(sys::Fd kick) { loop_.remove(kick); }

}  // namespace kos::vhost_user
