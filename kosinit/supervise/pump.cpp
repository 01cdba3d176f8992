// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/pump.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace kos::init {

void Pump::open(sys::UniqueFd source) {
    close();
    source_ = std::move(source);
    is_paused_ = false;
    ::fcntl(source_.get(), F_SETFL, ::fcntl(source_.get(), F_GETFL) | O_NONBLOCK);
    const auto added = loop_.add(source_.get(), EPOLLIN, [this](std::uint32_t) { on_readable(); });
    if (!added) close();
}

void Pump::resume() {
    if (!source_ || !is_paused_ || !sink_.has_room(most)) return;
    is_paused_ = false;
    static_cast<void>(loop_.change(source_.get(), EPOLLIN));
}

void Pump::on_readable() {
    if (is_paused_) return;
    if (!sink_.has_room(most)) {
        // Once more at most: a hang-up would be told over and over.
        is_paused_ = true;
        static_cast<void>(loop_.change(source_.get(), EPOLLONESHOT));
        return;
    }
    if (read_once() != Read::End) return;
    close();
    sink_.on_end();
}

Pump::Read Pump::read_once() {
    std::array<char, most> buffer;
    const ssize_t count = ::read(source_.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) return Read::Some;
    if (count < 0) return errno == EAGAIN ? Read::Later : Read::End;
    if (count == 0) return Read::End;
    sink_.take({buffer.data(), static_cast<std::size_t>(count)});
    return Read::Some;
}

void Pump::drain() {
    if (!source_) return;
    while (read_once() == Read::Some) {
    }
    close();
    sink_.on_end();
}

void Pump::close() {
    if (!source_) return;
    loop_.remove(source_.get());
    source_.reset();
}

}  // namespace kos::init
