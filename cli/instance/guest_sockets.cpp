// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/guest_sockets.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace kos::instance {

std::string guest_socket_name(std::uint32_t number) { return std::to_string(number) + ".guest"; }

GuestSockets::~GuestSockets() {
    for (const auto& [app, listener] : listeners_) {
        loop_.remove(listener.get());
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
    const sys::Fd fd = listener->get();
    if (auto set = sys::do_not_block(fd); !set) return problem(set.error());
    if (auto added = loop_.add(fd, EPOLLIN, [this, app](std::uint32_t) { accept(app); }); !added) {
        return problem(added.error());
    }
    listeners_[app] = std::move(listener).value();
    return {};
}

void GuestSockets::accept(std::uint32_t app) {
    sys::UniqueFd socket{
        ::accept4(listeners_.at(app).get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (socket && sys::has_own_peer(socket.get())) guests_.connect(app, std::move(socket));
}

}  // namespace kos::instance
