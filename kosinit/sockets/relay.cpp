// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/sockets/relay.hpp"

#include "kosinit/sockets/end.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace kos::init {

namespace {

constexpr std::size_t local_end = 0, host_end = 1;
constexpr std::size_t buffer_size = 32u << 10;
/// Of buffers, at a time: other connections have their turn.
constexpr int longest_turn = 16;

bool is_later(ssize_t count) { return count < 0 && (errno == EAGAIN || errno == EINTR); }

}  // namespace

Relay::Relay(Context& context, sys::UniqueFd local, sys::UniqueFd stream,
             std::function<void()> on_end)
    : context_(context), ends_{std::move(local), std::move(stream)}, on_end_(std::move(on_end)) {
    const int yes = 1;
    ::setsockopt(ends_[local_end].get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    for (std::size_t end = 0; end < 2; ++end) {
        directions_[end].buffer.resize(buffer_size);
        waited_[end] = EPOLLIN;
        const auto added =
            context_.loop.add(ends_[end].get(), EPOLLIN,
                              [this, end](std::uint32_t events) { on_event(end, events); });
        if (!added) context_.timers.after(0, [this] { finish(true); });
    }
}

Relay::~Relay() {
    for (const sys::UniqueFd& end : ends_) context_.loop.remove(end.get());
}

void Relay::on_event(std::size_t end, std::uint32_t events) {
    if ((events & EPOLLOUT) != 0 && !move(1 - end)) return finish(true);
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && !move(end)) return finish(true);
    const bool is_through = directions_[0].is_through && directions_[1].is_through;
    if (is_through || (is_host_gone_ && directions_[host_end].is_through)) {
        return finish(!is_through);
    }
    update();
}

/// False where the connection has failed.
bool Relay::move(std::size_t from) {
    for (int turn = 0; turn < longest_turn; ++turn) {
        const Step done = step(from);
        if (done != Step::Again) return done == Step::Blocked;
    }
    return true;
}

Relay::Step Relay::step(std::size_t from) {
    Direction& direction = directions_[from];
    if (direction.begin < direction.end) return write(from);
    if (direction.is_through || (from == local_end && is_host_gone_)) return Step::Blocked;
    if (const Step done = read(from); !direction.has_ended) return done;
    // At once: no event would bring it up again.
    direction.is_through = true;
    // It has gone altogether where this fails.
    ::shutdown(ends_[1 - from].get(), SHUT_WR);
    return Step::Blocked;
}

Relay::Step Relay::read(std::size_t from) {
    Direction& direction = directions_[from];
    const ssize_t count =
        ::recv(ends_[from].get(), direction.buffer.data(), direction.buffer.size(), MSG_DONTWAIT);
    if (is_later(count)) return Step::Blocked;
    if (count < 0) return Step::Failed;
    direction.begin = 0;
    direction.end = static_cast<std::size_t>(count);
    direction.has_ended = count == 0;
    return Step::Again;
}

Relay::Step Relay::write(std::size_t from) {
    Direction& direction = directions_[from];
    const ssize_t count = ::send(ends_[1 - from].get(), direction.buffer.data() + direction.begin,
                                 direction.end - direction.begin, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (is_later(count)) return Step::Blocked;
    if (count < 0) {
        if (from != local_end || errno != EPIPE) return Step::Failed;
        // A peer that has closed may have sent before: the container gets that first.
        is_host_gone_ = true;
        direction.begin = direction.end;
        return Step::Blocked;
    }
    direction.begin += static_cast<std::size_t>(count);
    return Step::Again;
}

void Relay::update() {
    for (std::size_t end = 0; end < 2; ++end) {
        const Direction& in = directions_[end];
        const Direction& out = directions_[1 - end];
        const bool reads =
            !in.has_ended && in.begin == in.end && !(end == local_end && is_host_gone_);
        std::uint32_t events = reads ? EPOLLIN : 0u;
        if (out.begin < out.end) events |= EPOLLOUT;
        // What is waited for nothing is told to have hung up once, not over and over.
        if (events == 0) events = EPOLLONESHOT;
        if (waited_[end] == events) continue;
        waited_[end] = events;
        static_cast<void>(context_.loop.change(ends_[end].get(), events));
    }
}

void Relay::finish(bool is_reset) {
    if (!on_end_) return;
    for (sys::UniqueFd& end : ends_) context_.loop.remove(end.get());
    if (is_reset) reset_at_close(ends_[local_end].get());
    for (sys::UniqueFd& end : ends_) end.reset();
    std::exchange(on_end_, nullptr)();
}

void Relays::add(sys::UniqueFd local, sys::UniqueFd stream) {
    if (relays_.size() >= most) return reset_at_close(local.get());
    const auto place = relays_.emplace(relays_.end());
    *place = std::make_unique<Relay>(context_, std::move(local), std::move(stream), [this, place] {
        context_.timers.after(0, [this, place] { relays_.erase(place); });
    });
}

}  // namespace kos::init
