// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/line_client.hpp"

#include "lib/msg/guest_stream.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace kos::instance {

namespace {

/// Bytes written to the TCP socket, and the end behind them, that the other end's kernel does not
/// have. None where that has reset the connection: they stay where they are.
std::size_t under_way(sys::Fd socket) {
    pollfd state{socket, 0, 0};
    if (::poll(&state, 1, 0) > 0 && (state.revents & POLLERR) != 0) return 0;
    int bytes = 0;
    return ::ioctl(socket, SIOCOUTQ, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

}  // namespace

std::uint32_t LineClient::events(bool is_open) const {
    std::uint32_t events = to_client_.empty() ? 0u : EPOLLOUT + 0u;
    const bool takes_more = is_draining_ || (is_open && to_guest_.empty());
    if (takes_more && !has_finished_) events |= EPOLLIN;
    return events;
}

void LineClient::read() {
    std::array<char, msg::max_to_guest - sizeof(msg::StreamHeader)> buffer;
    const ssize_t got = ::read(socket_.get(), buffer.data(), buffer.size());
    // Nothing now; of an error an event tells, unless there are none any more.
    if (got < 0 && !is_hung_up_) return;
    if (got <= 0) has_finished_ = true;
    if (is_draining_ || got <= 0) return;
    to_guest_.append(buffer.data(), static_cast<std::size_t>(got));
}

std::string LineClient::take(std::size_t size) {
    std::string taken = to_guest_.substr(0, size);
    to_guest_.erase(0, size);
    return taken;
}

void LineClient::greet(std::string line) {
    to_client_ = std::move(line);
    uncounted_ = static_cast<std::uint32_t>(to_client_.size());
}

bool LineClient::write() {
    if (!socket_) return false;
    if (!to_client_.empty()) {
        const ssize_t sent = ::send(socket_.get(), to_client_.data(), to_client_.size(),
                                    MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) return errno == EAGAIN || errno == EINTR;
        to_client_.erase(0, static_cast<std::size_t>(sent));
        const auto count = static_cast<std::uint32_t>(sent);
        const std::uint32_t ours = std::min(uncounted_, count);
        uncounted_ -= ours;
        written_ += count - ours;
    }
    if (to_client_.empty() && guest_has_finished_) (void)::shutdown(socket_.get(), SHUT_WR);
    return true;
}

void LineClient::drain() {
    is_draining_ = true;
    to_guest_.clear();
}

/// To close a TCP socket whose client sends on resets it, which takes what has not arrived along.
bool LineClient::has_drained() const {
    if (!is_draining_ || !to_client_.empty()) return false;
    return !is_of_port_ || !guest_has_finished_ || under_way(socket_.get()) == 0;
}

bool LineClient::is_given_up(Clock::time_point now) {
    if (!is_draining_ || !is_of_port_) return false;
    const std::size_t left = to_client_.size() + under_way(socket_.get());
    if (left != std::exchange(left_, left)) waits_since_ = now;
    return now - waits_since_ > patience;
}

bool LineClient::have_both_finished(std::uint32_t events) const {
    if ((events & EPOLLHUP) == 0 || !guest_has_finished_ || !to_client_.empty()) return false;
    // Reset: nobody waits for what is under way to the client.
    return !is_draining_ || (events & EPOLLERR) == 0;
}

void LineClient::close() {
    if (!socket_) return;
    if (is_of_port_ && !guest_has_finished_) {
        // No end that the service made: what TCP calls a reset.
        constexpr linger at_once{1, 0};
        (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    socket_.reset();
    to_client_.clear();
}

}  // namespace kos::instance
