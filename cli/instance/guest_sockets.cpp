// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/guest_sockets.hpp"

#include "lib/linux/socket.hpp"

#include <unistd.h>

namespace kos::instance {

std::string guest_socket_name(std::uint32_t number) { return std::to_string(number) + ".guest"; }

GuestSockets::~GuestSockets() {
    for (const auto& [app, listener] : listeners_) {
        (void)::unlinkat(folder_.fd(), guest_socket_name(app).c_str(), 0);
    }
}

Outcome<void> GuestSockets::listen(std::uint32_t app) {
    const std::string name = guest_socket_name(app);
    const auto problem = [&](sys::Errno error) {
        return fail(ErrorCode::InstanceFolder, folder_.path() + "/" + name, sys::describe(error));
    };
    auto listener = sys::listen_stream(folder_.path_to(name));
    if (!listener) return problem(listener.error());
    auto acceptor = sys::Acceptor::create(
        loop_, name, std::move(listener).value(),
        [this, app](sys::UniqueFd socket) {
            if (sys::has_own_peer(socket.get())) guests_.connect(app, std::move(socket));
        },
        log_);
    if (!acceptor) return problem(acceptor.error());
    listeners_[app] = std::move(acceptor).value();
    return {};
}

}  // namespace kos::instance
