// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// When the phases of an app's start ended (lib/msg/timings.hpp), and the kernel invocations within
// them. Makes no kernel call.
#pragma once

#include "lib/msg/timings.hpp"
#include "rootserver/boot/boot_parameters.hpp"
#include "rootserver/supervise/clock.hpp"

#include <cstdint>

namespace kos::rootserver {

class Timeline {
   public:
    Timeline() = default;
    /// What was before the root server, whose first phase begins now.
    Timeline(const BootParameters& parameters, Clock clock);

    /// The phase, Inventory to Map, ends now.
    void end(msg::Phase phase);
    /// The app may run: the phase Start ends when it does, which app_was_at() tells.
    void started() { count(msg::Phase::Start); }
    /// The app says when libos's first instruction was, or the program's (native::progress_word).
    /// What cannot be true is not believed.
    void app_was_at(std::uint64_t counter);

    [[nodiscard]] const msg::TimingsRecord& record() const { return record_; }

   private:
    void count(msg::Phase phase);
    void put(msg::Phase phase, std::uint64_t counter);
    [[nodiscard]] std::uint64_t end_of(msg::Phase phase) const {
        return record_.ends[static_cast<std::size_t>(phase)];
    }

    Clock clock_{};
    std::uint64_t invocations_ = 0;  ///< that were made when the last phase ended
    msg::TimingsRecord record_{};
};

}  // namespace kos::rootserver
