// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/pump.hpp"

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace kos::init {

void Pump::open(sys::UniqueFd source) {
    close();
    source_ = std::move(source);
    is_paused_ = false;
    ::fcntl(source_.get(), F_SETFL, ::fcntl(source_.get(), F_GETFL) | O_NONBLOCK);
    const auto added =
        context_.loop.add(source_.get(), EPOLLIN, [this](std::uint32_t) { on_readable(); });
    if (!added) close();
}

void Pump::resume() {
    if (!source_ || !is_paused_ || !sink_.has_room(most)) return;
    is_paused_ = false;
    static_cast<void>(context_.loop.change(source_.get(), EPOLLIN));
}

void Pump::on_readable() {
    if (is_paused_) return;
    if (!sink_.has_room(most)) {
        // Once more at most: a hang-up would be told over and over.
        is_paused_ = true;
        static_cast<void>(context_.loop.change(source_.get(), EPOLLONESHOT));
        return;
    }
    if (read_once()) return;
    close();
    sink_.on_end();
}

bool Pump::read_once() {
    std::array<char, most> buffer;
    const ssize_t count = ::read(source_.get(), buffer.data(), buffer.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    if (count == 0) return false;
    sink_.take({buffer.data(), static_cast<std::size_t>(count)});
    return true;
}

void Pump::drain() {
    if (!source_) return;
    for (;;) {
        errno = 0;
        if (!read_once() || errno == EAGAIN) break;
    }
    close();
    sink_.on_end();
}

void Pump::close() {
    if (!source_) return;
    context_.loop.remove(source_.get());
    source_.reset();
}

}  // namespace kos::init
