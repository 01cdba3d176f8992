// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A client of GuestLine at its end: a socket of this machine, what was read of it and is not sent
// to the guest, and what came of the guest and is not written to it.
//
//   socket ──read──► take ──► guest
//   socket ◄──write── put ◄── guest
//
// Each end finishes what it writes for itself, as in TCP. What the guest wrote arrives whole,
// though the guest is gone before the client has read it.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/linux/unique_fd.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace kos::instance {

class LineClient {
   public:
    using Clock = std::chrono::steady_clock;
    /// So long a port's client keeps its place without taking anything of what is left for it.
    static constexpr auto patience = std::chrono::minutes{2};

    /// A client of a guest's control service.
    explicit LineClient(sys::UniqueFd socket) : socket_(std::move(socket)) {}
    /// A client of a port, by TCP: it is reset where its service made no end. \p place is let go
    /// with it.
    LineClient(sys::UniqueFd socket, std::shared_ptr<void> place)
        : place_(std::move(place)), is_of_port_(true), socket_(std::move(socket)) {}

    [[nodiscard]] sys::Fd socket() const { return socket_.get(); }
    [[nodiscard]] bool is_closed() const { return !socket_; }
    /// What to wait for at the socket; \p is_open: the stream to the guest is.
    [[nodiscard]] std::uint32_t events(bool is_open) const;

    // From the client.

    /// Reads what there is, at most a piece; of a guest that is gone nothing is kept.
    void read();
    /// What was read.
    [[nodiscard]] std::size_t waiting() const { return to_guest_.size(); }
    /// The first \p size bytes of it.
    [[nodiscard]] std::string take(std::size_t size);
    /// No more will be read than what waits.
    [[nodiscard]] bool has_finished() const { return has_finished_; }

    // To the client.

    /// A line of ours, before what the guest says.
    void greet(std::string line);
    void put(Bytes bytes) { to_client_ += as_text(bytes); }
    /// The guest writes no more.
    void finish() { guest_has_finished_ = true; }
    /// False where the client is gone.
    bool write();
    /// Bytes of the guest that were written to the client so far; wraps at 2^32.
    [[nodiscard]] std::uint32_t written() const { return written_; }

    // The end.

    /// The guest is gone. What it wrote before still arrives.
    void drain();
    /// Of what drains, nothing is still on its way to the client.
    [[nodiscard]] bool has_drained() const;
    /// Of what drains, the client has taken nothing for `patience`. As Linux gives up a client that
    /// reads nothing of what a process that has ended wrote to it.
    [[nodiscard]] bool is_given_up(Clock::time_point now);
    /// Whether \p events say that both ends have finished, which is no reason to close: what either
    /// wrote before may still be under way.
    [[nodiscard]] bool have_both_finished(std::uint32_t events) const;
    /// They have: the socket tells of nothing more.
    void set_hung_up() { is_hung_up_ = true; }
    [[nodiscard]] bool is_hung_up() const { return is_hung_up_; }
    void close();

   private:
    std::shared_ptr<void> place_{};
    bool is_of_port_ = false;
    sys::UniqueFd socket_;
    std::string to_guest_{};
    std::string to_client_{};
    std::uint32_t uncounted_ = 0;  ///< of to_client, its beginning: ours, not the guest's
    std::uint32_t written_ = 0;
    bool has_finished_ = false;
    bool guest_has_finished_ = false;
    bool is_draining_ = false;
    bool is_hung_up_ = false;
    std::size_t left_ = 0;             ///< for the client, when it was last looked at
    Clock::time_point waits_since_{};  ///< since when `left_` is so
};

}  // namespace kos::instance
