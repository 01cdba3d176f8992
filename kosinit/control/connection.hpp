// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A stream of frames in both directions, never waited for. What is to be sent is kept until the
// other end takes it; whoever sends much asks `has_room` first.
#pragma once

#include "kosinit/supervise/context.hpp"
#include "lib/guest/frame.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kos::init {

class Connection {
   public:
    struct Events {
        std::function<void(const guest::Frame&)> frame;
        /// What came is no frame: nothing more can be understood.
        std::function<void()> nonsense;
        /// Sent data has gone: there is room.
        std::function<void()> room;
        /// The other end will send no more, or is gone. Nothing is called after it.
        std::function<void()> closed;
    };
    static constexpr std::size_t most_pending = 128u << 10;

    Connection(Context& context, sys::UniqueFd socket, Events events);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    void send(const std::string& frame);
    [[nodiscard]] bool has_room() const { return out_.size() < most_pending; }
    [[nodiscard]] bool is_flushed() const { return out_.empty(); }
    /// Frames are not taken while this holds.
    void pause(bool is_paused);
    /// Sends no more once what is pending has gone; then waits for the other end to close.
    void finish();

   private:
    void on_event(std::uint32_t events);
    void read();
    void take_frames();
    void flush();
    void update();
    void close();
    /// Later, from the loop; not at all where this is gone by then.
    void later(void (Connection::*action)());

    Context& context_;
    sys::UniqueFd socket_;
    Events events_;
    std::string in_;
    std::string out_;
    bool is_paused_ = false;
    bool is_finishing_ = false;
    bool is_shut_ = false;
    bool is_taking_ = false;
    std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace kos::init
