// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Interrupt lines of a guest with one processor, and the list registers that bring them to it.
//
//   idle ──► pending ──► in a list register ──► idle, or pending again where the level is still
//   there
//             and enabled                 (the guest's EOI)
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>

namespace kos::vmm {

/// Brings an interrupt to the guest's processor: the kernel, or a test.
class Injector {
   public:
    /// \p slot is a list register that is free; \p priority is 0 (highest) to 31. False where that
    /// is not so.
    virtual bool inject(unsigned slot, unsigned interrupt, std::uint8_t priority) = 0;

   protected:
    ~Injector() = default;
};

class Interrupts {
   public:
    /// SGIs 0–15, PPIs to 31, then SPIs.
    static constexpr unsigned count = 64, first_shared = 32, software_count = 16;
    /// List registers that every GIC with virtualisation of ours has.
    static constexpr unsigned slots = 4;

    /// \p injector outlives it.
    explicit Interrupts(Injector& injector) : injector_(injector) {}

    /// The device's wire: an asserted level is pending until it is taken away.
    void set_level(unsigned interrupt, bool asserted);
    /// Pending once.
    void pend(unsigned interrupt);
    /// The guest has ended the interrupt of list register \p slot; which that was.
    std::optional<unsigned> ended(unsigned slot);
    /// Whether the guest's processor has an interrupt to take, or is taking one.
    [[nodiscard]] bool any_in_slots() const;
    /// Whether that one is on its way: pending, or in a list register.
    [[nodiscard]] bool is_outstanding(unsigned interrupt) const {
        return latched_[interrupt] || is_in_slot(interrupt);
    }

    // The distributor's side; `deliver` afterwards.
    void set_forwarding(bool enabled) { forwarding_ = enabled; }
    [[nodiscard]] bool is_enabled(unsigned interrupt) const { return enabled_[interrupt]; }
    void set_enabled(unsigned interrupt, bool enabled) { enabled_[interrupt] = enabled; }
    [[nodiscard]] bool is_pending(unsigned interrupt) const {
        return latched_[interrupt] || level_[interrupt];
    }
    void set_latched(unsigned interrupt, bool latched) { latched_[interrupt] = latched; }
    [[nodiscard]] std::uint8_t priority(unsigned interrupt) const { return priority_[interrupt]; }
    void set_priority(unsigned interrupt, std::uint8_t priority) {
        priority_[interrupt] = priority;
    }
    /// Fills list registers with what is pending, most urgent first.
    void deliver();
    /// As after power on; levels stay. What is in list registers must be gone as well.
    void reset();

   private:
    [[nodiscard]] bool is_in_slot(unsigned interrupt) const;
    [[nodiscard]] std::optional<unsigned> next() const;
    [[nodiscard]] std::optional<unsigned> free_slot() const;

    Injector& injector_;
    bool forwarding_ = false;
    std::bitset<count> enabled_, level_, latched_;
    std::array<std::uint8_t, count> priority_{};
    std::array<std::optional<std::uint8_t>, slots> slots_{};
};

}  // namespace kos::vmm
