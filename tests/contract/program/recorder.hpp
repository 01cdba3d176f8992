// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What is reported: a line per step, or the hash of a trace's lines; and how often each operation
// ended in which way. Lines begin with @, to be told from a debug kernel's own.
#pragma once

#include "rootserver/console/line.hpp"
#include "rootserver/console/uart.hpp"
#include "tests/contract/program/system_call.hpp"

#include <array>
#include <cstdint>

namespace kos::contract {

using rootserver::Line;

/// How a system call ended: with a kernel's error code (0: granted), or in one of these ways.
namespace outcome {
inline constexpr unsigned returned = sel4::error_count,  ///< and was no invocation
    blocked = returned + 1, fault = returned + 2, count = returned + 3;
}  // namespace outcome

class Recorder {
   public:
    Recorder(rootserver::Pl011& uart, bool listing) : uart_(uart), listing_(listing) {}

    void begin_trace() { hash_ = offset_basis; }
    /// A line that the trace's hash covers.
    void step(const Line& line);
    void end_trace(std::uint64_t seed);
    /// A line that is printed always.
    void print(const Line& line);

    void count(unsigned operation, unsigned outcome) { ++coverage_[operation][outcome]; }
    void print_coverage();

   private:
    /// FNV-1a, 64 bits.
    static constexpr std::uint64_t offset_basis = 0xcbf2'9ce4'8422'2325;
    static constexpr std::uint64_t prime = 0x100'0000'01b3;

    rootserver::Pl011& uart_;
    bool listing_;
    std::uint64_t hash_ = offset_basis;
    std::array<std::array<std::uint32_t, outcome::count>, operation_count> coverage_{};
};

}  // namespace kos::contract
