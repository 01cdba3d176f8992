// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A container's connection and the host's stream for it, joined: what comes from one goes to the
// other, each direction ends by itself, and neither is read while the other does not take what came
// before.
#pragma once

#include "kosinit/supervise/context.hpp"

#include <array>
#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace kos::init {

class Relay {
   public:
    /// \p local is TCP's, \p stream the host's. \p on_end is called once, from the loop.
    Relay(Context& context, sys::UniqueFd local, sys::UniqueFd stream,
          std::function<void()> on_end);
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;
    ~Relay();

   private:
    /// From one end to the other.
    struct Direction {
        std::vector<char> buffer;
        std::size_t begin = 0, end = 0;  ///< what is not written yet
        bool has_ended = false;          ///< nothing comes any more
        bool is_through = false;         ///< and the other end has been told
    };
    enum class Step { Again, Blocked, Failed };

    void on_event(std::size_t end, std::uint32_t events);
    bool move(std::size_t from);
    Step step(std::size_t from);
    Step read(std::size_t from);
    Step write(std::size_t from);
    void update();
    void finish(bool is_reset);

    Context& context_;
    std::array<sys::UniqueFd, 2> ends_;      ///< 0: the container's, 1: the host's
    std::array<Direction, 2> directions_;    ///< by the end that they come from
    std::array<std::uint32_t, 2> waited_{};  ///< events
    bool is_host_gone_ = false;              ///< takes nothing any more
    std::function<void()> on_end_;
};

/// All that there are.
class Relays {
   public:
    static constexpr std::size_t most = 256;

    explicit Relays(Context& context) : context_(context) {}
    /// Where there are too many, both ends are closed.
    void add(sys::UniqueFd local, sys::UniqueFd stream);

   private:
    Context& context_;
    std::list<std::unique_ptr<Relay>> relays_;
};

}  // namespace kos::init
