// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/event_loop.hpp"

namespace kos::sys {

Result<EventLoop> EventLoop::create() {
    return EventLoop{UniqueFd{KOS_TRY(check(::epoll_create1(EPOLL_CLOEXEC)))}};
}

Result<void> EventLoop::add(Fd fd, std::uint32_t events, Handler handler) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    KOS_TRY(done(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event)));
    handlers_[fd] = std::make_shared<Handler>(std::move(handler));
    return {};
}

Result<void> EventLoop::change(Fd fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    return done(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event));
}

void EventLoop::remove(Fd fd) {
    if (handlers_.erase(fd) != 0) (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

Result<bool> EventLoop::run_once(int milliseconds) {
    // One event at a time: none is left over for a descriptor that its handler closed.
    epoll_event event{};
    const int count = ::epoll_wait(epoll_.get(), &event, 1, milliseconds);
    if (count < 0 && errno != EINTR) return last_error();
    if (count <= 0) return false;
    const auto found = handlers_.find(event.data.fd);
    if (found == handlers_.end()) return true;
    const std::shared_ptr<Handler> handler = found->second;
    (*handler)(event.events);
    return true;
}

Result<void> EventLoop::run() {
    stopped_ = false;
    while (!stopped_) KOS_TRY(run_once(-1));
    return {};
}

}  // namespace kos::sys
