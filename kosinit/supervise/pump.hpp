// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Reads what a process writes, while there is room for it.
#pragma once

#include "lib/linux/event_loop.hpp"

#include <functional>
#include <string_view>

namespace kos::init {

class Pump {
   public:
    struct Sink {
        std::function<void(std::string_view)> take;
        /// Asked before each read; where it says no, `resume` is to be called once there is room.
        std::function<bool(std::size_t)> has_room;
        std::function<void()> on_end = [] {};
    };
    static constexpr std::size_t most = 16u << 10;  ///< bytes of one read

    Pump(sys::EventLoop& loop, Sink sink) : loop_(loop), sink_(std::move(sink)) {}
    Pump(const Pump&) = delete;
    Pump& operator=(const Pump&) = delete;
    ~Pump() { close(); }

    /// A pipe's or terminal's end, made non-blocking.
    void open(sys::UniqueFd source);
    void resume();
    /// Takes what is there now, room or not, and closes.
    void drain();
    [[nodiscard]] bool is_open() const { return static_cast<bool>(source_); }
    [[nodiscard]] sys::Fd fd() const { return source_.get(); }

   private:
    enum class Read { Some, Later, End };
    Read read_once();
    void on_readable();
    void close();

    sys::EventLoop& loop_;
    Sink sink_;
    sys::UniqueFd source_;
    bool is_paused_ = false;
};

}  // namespace kos::init
