// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The replenishments of a scheduling context: a ring of (time, amount) pairs whose amounts add up
// to the budget. A period of 0 stands for round robin: the head is what is left of the slice, the
// tail what was used.
//
// Sporadic server after Stanković et al., "Defects of the POSIX Sporadic Server and How to Correct
// Them": what is used at time t comes back at t + period.
#pragma once

#include "hostsim/kernel/time.hpp"

#include <cstddef>
#include <vector>

namespace kos::sim {

struct Refill {
    Ticks time = 0;    ///< from when on it can be used
    Ticks amount = 0;  ///< ticks
};

class Refills {
   public:
    /// An unused scheduling context: nothing can run on it.
    Refills() = default;

    /// A full budget, usable from `now`. `period` 0: round robin.
    void start(std::size_t max, Ticks budget, Ticks period, Ticks now);
    /// New parameters for one in use: never more than `budget` in a period, even across the change.
    void update(std::size_t max, Ticks budget, Ticks period, Ticks now);
    /// The context goes out of use.
    void stop() { *this = {}; }

    [[nodiscard]] bool active() const { return max_ > 0; }
    [[nodiscard]] bool round_robin() const { return period_ == 0; }
    [[nodiscard]] Refill& head() { return ring_[head_]; }
    [[nodiscard]] const Refill& head() const { return ring_[head_]; }
    [[nodiscard]] bool ready(Ticks now) const { return head().time <= now; }
    /// Whether enough is left for a pass through the kernel after `usage` is charged.
    [[nodiscard]] bool sufficient(Ticks usage) const;
    [[nodiscard]] std::size_t size() const;
    /// Of all amounts: the budget.
    [[nodiscard]] Ticks sum() const;

    /// Round robin: `usage` goes from head to tail, or the slice is whole again.
    void use_slice(Ticks usage);
    void renew_slice();
    /// Otherwise: `usage` was used from the head on and comes back a period later.
    void charge(Ticks usage);
    /// A thread becomes ready on this context: what is available starts now. Whether it did.
    bool unblock(Ticks now);

   private:
    [[nodiscard]] std::size_t following(std::size_t index) const;
    [[nodiscard]] Refill& tail() { return ring_[tail_]; }
    [[nodiscard]] bool single() const { return head_ == tail_; }
    Refill pop_head();
    void add_tail(Refill refill);
    void add_empty_tail();
    void schedule_used(Refill used);
    [[nodiscard]] bool head_reaches_next() const;

    std::vector<Refill> ring_;
    std::size_t max_ = 0;
    std::size_t head_ = 0;
    std::size_t tail_ = 0;
    Ticks period_ = 0;
};

}  // namespace kos::sim
