// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One thread that waits for many descriptors (epoll(7)).
#pragma once

#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <sys/epoll.h>
#include <unordered_map>

namespace kos::sys {

class EventLoop {
   public:
    /// Gets the EPOLL* events that came.
    using Handler = std::function<void(std::uint32_t events)>;

    [[nodiscard]] static Result<EventLoop> create();

    /// \p fd stays open until `remove`; a handler may add and remove any, itself too.
    Result<void> add(Fd fd, std::uint32_t events, Handler handler);
    Result<void> change(Fd fd, std::uint32_t events);
    void remove(Fd fd);

    /// Readable where `run_once` has an event to handle: a loop within another one.
    [[nodiscard]] Fd fd() const { return epoll_.get(); }

    /// Waits at most \p milliseconds (-1: for ever) for one event and handles it; whether one came.
    Result<bool> run_once(int milliseconds);
    /// Handles events until `stop` is called.
    Result<void> run();
    void stop() { stopped_ = true; }

   private:
    explicit EventLoop(UniqueFd epoll) : epoll_(std::move(epoll)) {}

    UniqueFd epoll_;
    std::unordered_map<Fd, std::shared_ptr<Handler>> handlers_;
    bool stopped_ = false;
};

}  // namespace kos::sys
