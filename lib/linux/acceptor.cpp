// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/acceptor.hpp"

#include "lib/linux/file.hpp"

#include <sys/socket.h>
#include <utility>

namespace kos::sys {

namespace {

/// What accept(2) fails with while the connection stays where it is.
bool is_want_of_resources(Errno error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Acceptor::Acceptor(EventLoop& loop, std::string name, UniqueFd listener, Handler handler, Log log)
    : loop_(loop),
      name_(std::move(name)),
      listener_(std::move(listener)),
      handler_(std::move(handler)),
      log_(std::move(log)) {}

Result<std::unique_ptr<Acceptor>> Acceptor::create(EventLoop& loop, std::string name,
                                                   UniqueFd listener, Handler handler, Log log) {
    std::unique_ptr<Acceptor> acceptor{new Acceptor{loop, std::move(name), std::move(listener),
                                                    std::move(handler), std::move(log)}};
    KOS_TRY(acceptor->start());
    return acceptor;
}

Result<void> Acceptor::start() {
    KOS_TRY(do_not_block(listener_.get()));
    // Made while there is a descriptor for it.
    timer_.emplace(KOS_TRY(Timer::create(loop_, [this] {
        is_resting_ = false;
        watch();
    })));
    return loop_.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept(); });
}

Acceptor::~Acceptor() { loop_.remove(listener_.get()); }

void Acceptor::set_open(bool is_open) {
    if (std::exchange(is_open_, is_open) != is_open) watch();
}

void Acceptor::watch() {
    (void)loop_.change(listener_.get(), is_open_ && !is_resting_ ? EPOLLIN + 0u : 0u);
}

void Acceptor::accept() {
    UniqueFd connection{::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (connection) {
        is_told_ = false;
        return handler_(std::move(connection));
    }
    const Errno error{errno};
    if (!is_want_of_resources(error)) return;  // it has gone again
    is_resting_ = true;
    timer_->set(Timer::Clock::now() + rest);
    watch();
    if (std::exchange(is_told_, true)) return;
    log_("connections to " + name_ + " wait: " + describe(error));
}

}  // namespace kos::sys
