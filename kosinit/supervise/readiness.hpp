// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Asks a service, again and again, whether it is ready.
#pragma once

#include "kosinit/supervise/container.hpp"

namespace kos::init {

class ReadinessCheck {
   public:
    /// \p on_ready is called once, unless the service ends or its time is over before; that is told
    /// in the journal.
    ReadinessCheck(Context& context, Container& container, std::function<void()> on_ready);
    ReadinessCheck(const ReadinessCheck&) = delete;
    ReadinessCheck& operator=(const ReadinessCheck&) = delete;
    ~ReadinessCheck() { context_.timers.cancel(timer_); }

   private:
    void ask();
    void ask_port();
    void ask_command();
    void wait();

    Context& context_;
    Container& container_;
    std::function<void()> on_ready_;
    std::uint64_t deadline_ns_;
    Timers::Id timer_ = 0;
    sys::UniqueFd connection_;
    /// What a command that is under way holds to learn whether this still is there.
    std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace kos::init
