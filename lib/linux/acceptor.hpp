// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A socket that listens, in an event loop. Where the process has no descriptor left for a
// connection, the acceptor rests: the connection waits with the kernel, and the loop does not spin.
#pragma once

#include "lib/linux/timer.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kos::sys {

class Acceptor {
   public:
    static constexpr std::chrono::milliseconds rest{100};

    /// Gets a connection, which does not block.
    using Handler = std::function<void(UniqueFd)>;
    /// Gets a line on what is wanting: once, until a connection could be taken again.
    using Log = std::function<void(std::string_view line)>;

    /// \p name is what the log calls \p listener; \p loop outlives the acceptor.
    [[nodiscard]] static Result<std::unique_ptr<Acceptor>> create(EventLoop& loop, std::string name,
                                                                  UniqueFd listener,
                                                                  Handler handler, Log log);
    ~Acceptor();
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    /// While it is closed, connections wait with the kernel.
    void set_open(bool is_open);

   private:
    Acceptor(EventLoop& loop, std::string name, UniqueFd listener, Handler handler, Log log);
    Result<void> start();
    void accept();
    void watch();

    EventLoop& loop_;
    std::string name_;
    UniqueFd listener_;
    Handler handler_;
    Log log_;
    std::optional<Timer> timer_{};
    bool is_open_ = true;
    bool is_resting_ = false;
    bool is_told_ = false;  ///< the log was, what is wanting
};

}  // namespace kos::sys
