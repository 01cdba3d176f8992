// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/control/connection.hpp"

#include <array>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kos::init {

Connection::Connection(Context& context, sys::UniqueFd socket, Events events)
    : context_(context), socket_(std::move(socket)), events_(std::move(events)) {
    ::fcntl(socket_.get(), F_SETFL, ::fcntl(socket_.get(), F_GETFL) | O_NONBLOCK);
    const auto added =
        context_.loop.add(socket_.get(), EPOLLIN, [this](std::uint32_t seen) { on_event(seen); });
    if (!added) later(&Connection::close);
}

Connection::~Connection() {
    if (socket_) context_.loop.remove(socket_.get());
}

void Connection::later(void (Connection::*action)()) {
    context_.timers.after(0, [this, action, alive = std::weak_ptr{is_alive_}] {
        if (!alive.expired()) (this->*action)();
    });
}

void Connection::send(const std::string& frame) {
    if (!socket_ || is_finishing_) return;
    out_ += frame;
    flush();
}

void Connection::pause(bool is_paused) {
    if (is_paused_ == is_paused) return;
    is_paused_ = is_paused;
    // What came already is taken from the loop, not from whoever calls this.
    if (!is_paused_ && !in_.empty()) later(&Connection::take_frames);
    update();
}

void Connection::finish() {
    is_finishing_ = true;
    flush();
}

void Connection::on_event(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) {
        flush();
        if (socket_ && has_room()) events_.room();
    }
    if (socket_ && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
}

void Connection::read() {
    std::array<char, 16384> buffer;
    const ssize_t count = ::read(socket_.get(), buffer.data(), buffer.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return close();
    // At the end nothing is answered any more.
    if (is_finishing_) return;
    in_.append(buffer.data(), static_cast<std::size_t>(count));
    take_frames();
}

void Connection::take_frames() {
    if (is_taking_) return;
    is_taking_ = true;
    while (socket_ && !is_paused_) {
        const auto taken = guest::take_frame(as_bytes(in_));
        if (!taken) {
            in_.clear();
            events_.nonsense();
            break;
        }
        if (!*taken) break;
        const std::string bytes = in_.substr(0, (*taken)->size);
        in_.erase(0, (*taken)->size);
        // Of the copy, which stays where it is.
        events_.frame({(*taken)->frame.type, as_bytes(bytes).subspan(sizeof(guest::FrameHead))});
    }
    is_taking_ = false;
}

void Connection::flush() {
    while (socket_ && !out_.empty()) {
        const ssize_t count = ::send(socket_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno != EAGAIN) {
            out_.clear();
            // Not from within whoever sends.
            later(&Connection::close);
            return;
        }
        if (count < 0) break;
        out_.erase(0, static_cast<std::size_t>(count));
    }
    if (is_finishing_ && out_.empty() && !is_shut_) {
        is_shut_ = true;
        ::shutdown(socket_.get(), SHUT_WR);
    }
    update();
}

void Connection::update() {
    if (!socket_) return;
    const std::uint32_t in = is_paused_ ? 0u : EPOLLIN;
    const std::uint32_t out = out_.empty() ? 0u : EPOLLOUT;
    static_cast<void>(context_.loop.change(socket_.get(), in | out));
}

void Connection::close() {
    if (!socket_) return;
    context_.loop.remove(socket_.get());
    socket_.reset();
    events_.closed();
}

}  // namespace kos::init
