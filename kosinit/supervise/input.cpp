// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/input.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace kos::init {

void Input::open(sys::UniqueFd target) {
    close();
    target_ = std::move(target);
    pending_.clear();
    is_ending_ = false;
    ::fcntl(target_.get(), F_SETFL, ::fcntl(target_.get(), F_GETFL) | O_NONBLOCK);
    // Events are asked for while something is pending; a reader that is gone is always told.
    const auto added = context_.loop.add(target_.get(), 0, [this](std::uint32_t events) {
        if ((events & (EPOLLERR | EPOLLHUP)) != 0) return close();
        flush();
    });
    if (!added) close();
}

void Input::write(std::string_view bytes) {
    if (!target_ || is_ending_) return;
    pending_ += bytes;
    flush();
}

void Input::end(bool terminal) {
    if (!target_) return;
    if (terminal) {
        constexpr char end_of_file = 4;
        return write({&end_of_file, 1});
    }
    is_ending_ = true;
    flush();
}

void Input::flush() {
    if (!target_) return;
    const bool had_room = has_room();
    while (!pending_.empty()) {
        const ssize_t count = ::write(target_.get(), pending_.data(), pending_.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno != EAGAIN) return close();
        if (count < 0) break;
        pending_.erase(0, static_cast<std::size_t>(count));
    }
    if (pending_.empty() && is_ending_) return close();
    static_cast<void>(context_.loop.change(target_.get(), pending_.empty() ? 0u : EPOLLOUT));
    if (!had_room && has_room()) on_room_();
}

void Input::close() {
    if (!target_) return;
    context_.loop.remove(target_.get());
    target_.reset();
    pending_.clear();
    on_room_();
}

}  // namespace kos::init
