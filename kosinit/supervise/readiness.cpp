// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/readiness.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace kos::init {

namespace {

/// Whether the connection that was begun is made.
bool is_connected(sys::Fd socket) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    return ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

sys::UniqueFd begin_connection(std::uint16_t port) {
    sys::UniqueFd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // Whether it works is seen by is_connected().
    static_cast<void>(
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    return socket;
}

}  // namespace

ReadinessCheck::ReadinessCheck(Context& context, Container& container,
                               std::function<void()> on_ready)
    : context_(context),
      container_(container),
      on_ready_(std::move(on_ready)),
      deadline_ns_(boot_time_ns() + container.plan().service.ready.timeout_ms * 1'000'000ull) {
    wait();
}

void ReadinessCheck::wait() {
    const Readiness& ready = container_.plan().service.ready;
    if (boot_time_ns() > deadline_ns_) {
        context_.journal.tell(Error{ErrorCode::GuestContainer, "container " + container_.name(),
                                    "it is not ready after " + std::to_string(ready.timeout_ms) +
                                        " ms; what comes after it is not started"});
        return;
    }
    timer_ = context_.timers.after(ready.interval_ms, [this] { ask(); });
}

void ReadinessCheck::ask() {
    if (!container_.is_running()) return;
    container_.plan().service.ready.port != 0 ? ask_port() : ask_command();
}

void ReadinessCheck::ask_port() {
    connection_ = begin_connection(container_.plan().service.ready.port);
    if (is_connected(connection_.get())) return on_ready_();
    wait();
}

void ReadinessCheck::ask_command() {
    oci::ExecChanges changes;
    changes.args = container_.plan().service.ready.command;
    const std::weak_ptr<bool> alive = is_alive_;
    context_.launcher.execute(container_.name(), changes, {},
                              {.started =
                                   [this, alive](pid_t pid, const sys::UniqueFd&) {
                                       if (alive.expired()) return;
                                       context_.children.watch(pid, [this, alive](int status) {
                                           if (alive.expired()) return;
                                           status == 0 ? on_ready_() : wait();
                                       });
                                   },
                               .failed =
                                   [this, alive](const std::string&) {
                                       if (!alive.expired()) wait();
                                   }});
}

}  // namespace kos::init
