// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/control/bridged_connection.hpp"

#include "kosinit/control/bridge.hpp"
#include "lib/base/little_endian.hpp"

#include <poll.h>
#include <sys/socket.h>

namespace kos::init {

namespace {

constexpr std::size_t head_size = sizeof(Le32);
/// Of a byte stream: containers read with room for as much.
constexpr std::size_t longest_part = 4096;
/// The answer to Attach where its status is Ok, without the request's number.
constexpr std::string_view attached{"\x89\0\0\0", 4};
constexpr std::size_t answer_size = 8;

/// A message of no bytes and the end of all messages read alike.
bool has_hung_up(sys::Fd socket) {
    pollfd entry{socket, POLLRDHUP, 0};
    return ::poll(&entry, 1, 0) == 1 && (entry.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

bool is_later(ssize_t count) { return count < 0 && (errno == EAGAIN || errno == EINTR); }

}  // namespace

BridgedConnection::BridgedConnection(Context& context, sys::UniqueFd packets, sys::UniqueFd stream,
                                     std::function<void()> on_end)
    : context_(context),
      packets_(std::move(packets)),
      stream_(std::move(stream)),
      on_end_(std::move(on_end)) {
    const auto first = context_.loop.add(packets_.get(), EPOLLIN,
                                         [this](std::uint32_t events) { on_packets(events); });
    // A connection that is being made is writable once it is.
    const auto second = context_.loop.add(stream_.get(), EPOLLIN,
                                          [this](std::uint32_t events) { on_stream(events); });
    if (!first || !second) context_.timers.after(0, [this] { end(); });
}

BridgedConnection::~BridgedConnection() {
    context_.loop.remove(packets_.get());
    context_.loop.remove(stream_.get());
}

void BridgedConnection::on_packets(std::uint32_t events) {
    if ((events & EPOLLERR) != 0) return end();
    is_client_gone_ = is_client_gone_ || (events & EPOLLHUP) != 0;
    if ((events & EPOLLOUT) != 0) packets_blocked_ = false;
    if (!write_packets()) return end();
    if ((events & (EPOLLIN | EPOLLHUP)) != 0 && !packets_ended_ && to_stream_.empty()) {
        if (!read_packet()) return end();
    }
    update();
}

void BridgedConnection::on_stream(std::uint32_t events) {
    if ((events & EPOLLERR) != 0) return end();
    if (!write_stream()) return end();
    if ((events & (EPOLLIN | EPOLLHUP)) != 0 && !stream_ended_) {
        if (!read_stream()) return end();
    }
    update();
}

bool BridgedConnection::read_packet() {
    std::string message(longest_message + 1, '\0');
    const ssize_t count = ::recv(packets_.get(), message.data(), message.size(), MSG_DONTWAIT);
    if (is_later(count)) return true;
    if (count < 0 || static_cast<std::size_t>(count) > longest_message) return false;
    if (count == 0 && has_hung_up(packets_.get())) {
        packets_ended_ = true;
        return write_stream();
    }
    if (!is_attached_) {
        const Le32 head{static_cast<std::uint32_t>(count)};
        to_stream_ += as_text(bytes_of(head));
    }
    to_stream_.append(message.data(), static_cast<std::size_t>(count));
    return write_stream();
}

bool BridgedConnection::read_stream() {
    const std::size_t before = to_packets_.size();
    if (before >= head_size + longest_message) return true;
    constexpr std::size_t step = 16u << 10;
    to_packets_.resize(before + step);
    const ssize_t count = ::recv(stream_.get(), to_packets_.data() + before, step, MSG_DONTWAIT);
    to_packets_.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (is_later(count)) return true;
    if (count < 0) return false;
    if (count == 0) stream_ended_ = true;
    return write_packets();
}

bool BridgedConnection::write_stream() {
    while (!to_stream_.empty()) {
        const ssize_t count = ::send(stream_.get(), to_stream_.data(), to_stream_.size(),
                                     MSG_DONTWAIT | MSG_NOSIGNAL);
        // A connection that is still being made takes nothing yet.
        if (is_later(count) || (count < 0 && errno == ENOTCONN)) return true;
        if (count < 0) return false;
        to_stream_.erase(0, static_cast<std::size_t>(count));
    }
    if (packets_ended_ && !is_stream_shut_) {
        is_stream_shut_ = true;
        ::shutdown(stream_.get(), SHUT_WR);
    }
    return true;
}

std::optional<BridgedConnection::Packet> BridgedConnection::next_packet() const {
    if (is_attached_) {
        if (to_packets_.empty()) return std::nullopt;
        return Packet{0, std::min(to_packets_.size(), longest_part)};
    }
    const auto size = read_at<Le32>(as_bytes(to_packets_), 0);
    if (!size || to_packets_.size() - head_size < *size) return std::nullopt;
    const bool attaches = *size == answer_size && to_packets_.compare(head_size, 4, attached) == 0;
    return Packet{head_size, *size, attaches};
}

bool BridgedConnection::write_packets() {
    while (!packets_blocked_) {
        const auto length = read_at<Le32>(as_bytes(to_packets_), 0);
        if (!is_attached_ && length && *length > longest_message) return false;
        const auto packet = next_packet();
        if (!packet) break;
        const ssize_t count = ::send(packets_.get(), to_packets_.data() + packet->offset,
                                     packet->size, MSG_DONTWAIT | MSG_NOSIGNAL);
        packets_blocked_ = is_later(count);
        if (packets_blocked_) return true;
        if (count < 0) return false;
        to_packets_.erase(0, packet->offset + packet->size);
        is_attached_ = is_attached_ || packet->attaches;
    }
    if (stream_ended_ && !packets_blocked_ && !is_packets_shut_) {
        // A frame that was cut short is no message.
        if (!to_packets_.empty()) return false;
        is_packets_shut_ = true;
        ::shutdown(packets_.get(), SHUT_WR);
    }
    return true;
}

void BridgedConnection::update() {
    if (is_stream_shut_ && (is_packets_shut_ || is_client_gone_)) return end();
    std::uint32_t packets = packets_blocked_ ? EPOLLOUT : 0u;
    if (!packets_ended_ && to_stream_.empty()) packets |= EPOLLIN;
    std::uint32_t stream = to_stream_.empty() ? 0u : EPOLLOUT;
    if (!stream_ended_ && !packets_blocked_) stream |= EPOLLIN;
    wait_for(packets_.get(), packets_events_, packets);
    wait_for(stream_.get(), stream_events_, stream);
}

/// A socket that is waited for nothing is told to have hung up once, not over and over.
void BridgedConnection::wait_for(sys::Fd socket, std::uint32_t& before, std::uint32_t events) {
    if (events == 0) events = EPOLLONESHOT;
    if (before == events) return;
    before = events;
    static_cast<void>(context_.loop.change(socket, events));
}

void BridgedConnection::end() {
    if (!on_end_) return;
    context_.loop.remove(packets_.get());
    context_.loop.remove(stream_.get());
    std::exchange(on_end_, nullptr)();
}

}  // namespace kos::init
