// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/refills.hpp"

#include "hostsim/kernel/sizes.hpp"

#include <utility>

namespace kos::sim {

void Refills::start(std::size_t max, Ticks budget, Ticks period, Ticks now) {
    ring_.assign(max, {});
    max_ = max;
    head_ = tail_ = 0;
    period_ = period;
    head() = {now, budget};
    add_empty_tail();
}

void Refills::update(std::size_t max, Ticks budget, Ticks period, Ticks now) {
    const Refill kept = head();
    ring_.assign(max, {});
    max_ = max;
    head_ = tail_ = 0;
    period_ = period;
    head() = kept;
    if (ready(now)) head().time = now;
    if (head().amount >= budget) {
        head().amount = budget;
        add_empty_tail();
    } else {
        add_tail({head().time + period, budget - head().amount});
    }
}

bool Refills::sufficient(Ticks usage) const {
    const Ticks amount = head().amount;
    return usage <= amount && amount - usage >= min_budget;
}

std::size_t Refills::size() const {
    return head_ <= tail_ ? tail_ - head_ + 1 : tail_ + 1 + max_ - head_;
}

Ticks Refills::sum() const {
    Ticks total = ring_[head_].amount;
    for (std::size_t i = head_; i != tail_;) {
        i = following(i);
        total += ring_[i].amount;
    }
    return total;
}

void Refills::use_slice(Ticks usage) {
    head().amount -= usage;
    tail().amount += usage;
}

void Refills::renew_slice() { head().amount += std::exchange(tail().amount, 0); }

void Refills::charge(Ticks usage) {
    while (head().amount <= usage && head().time < max_release_time) {
        usage -= head().amount;
        if (single()) {
            head().time += period_;
        } else {
            Refill used = pop_head();
            used.time += period_;
            schedule_used(used);
        }
    }
    if (usage > 0 && head().time < max_release_time) {
        const Refill used{head().time + period_, usage};
        head().amount -= usage;
        head().time += usage;
        schedule_used(used);
    }
    // A head too small to leave the kernel on is put into the next, which ends no later for it.
    while (head().amount < min_budget) {
        const Refill small = pop_head();
        head().amount += small.amount;
        head().time -= small.amount;
    }
}

bool Refills::unblock(Ticks now) {
    if (round_robin() || !ready(now)) return false;
    head().time = now;
    while (head_reaches_next()) {
        const Refill first = pop_head();
        head().time = first.time;
        head().amount += first.amount;
    }
    return true;
}

std::size_t Refills::following(std::size_t index) const {
    return index == max_ - 1 ? 0 : index + 1;
}

Refill Refills::pop_head() {
    const Refill popped = head();
    head_ = following(head_);
    return popped;
}

void Refills::add_tail(Refill refill) {
    tail_ = following(tail_);
    tail() = refill;
}

void Refills::add_empty_tail() {
    if (round_robin()) add_tail({head().time, 0});
}

void Refills::schedule_used(Refill used) {
    if (tail().time + tail().amount >= used.time) {
        tail().amount += used.amount;
    } else if (size() < max_) {
        add_tail(used);
    } else {
        // No room: the tail waits for the new one, and the two become one.
        tail().time = used.time - tail().amount;
        tail().amount += used.amount;
    }
}

bool Refills::head_reaches_next() const {
    return !single() && ring_[following(head_)].time <= head().time + head().amount;
}

}  // namespace kos::sim
