// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// From a message about a stopped guest to what comes next.
#pragma once

#include "lib/sel4/fault.hpp"
#include "vmm/exit/cpu.hpp"
#include "vmm/exit/exception.hpp"
#include "vmm/machine/machine.hpp"
#include "vmm/vcpu/syndrome.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace kos::vmm {

enum class Next : std::uint8_t {
    Run,
    Wait,  ///< for an interrupt, then run
    PowerOff,
    Reset,
};

/// What a guest was stopped for, and how often.
enum class ExitKind : std::uint8_t {
    MmioRead,
    MmioWrite,
    Wait,
    Smc,
    SystemRegister,
    Timer,
    Maintenance,
    Refused,  ///< what became an exception in the guest
};
inline constexpr std::size_t exit_kind_count = 8;
using ExitCounts = std::array<std::uint64_t, exit_kind_count>;

class ExitHandler {
   public:
    /// Both outlive it.
    ExitHandler(Machine& machine, VirtualCpu& cpu) : machine_(machine), cpu_(cpu) {}

    /// \p words: as many of the message's as its kind has (lib/sel4/fault.hpp). An error is one of
    /// the kernel's: the guest cannot go on.
    [[nodiscard]] Result<Next, sel4::Failure> handle(sel4::FaultKind kind,
                                                     std::span<const sel4::Word> words);
    [[nodiscard]] const ExitCounts& counts() const { return counts_; }

   private:
    using Answer = Result<Next, sel4::Failure>;

    Answer memory(std::span<const sel4::Word> words);
    Answer processor(Syndrome syndrome);
    Answer firmware(sel4::UserContext& context);
    Answer system_register(sel4::UserContext& context, Syndrome syndrome);
    Answer refuse(const sel4::UserContext& context, GuestException exception, bool write = false);
    Answer go_on(sel4::UserContext& context, Next next = Next::Run);
    void count(ExitKind kind) { ++counts_[static_cast<std::size_t>(kind)]; }

    Machine& machine_;
    VirtualCpu& cpu_;
    ExitCounts counts_{};
};

}  // namespace kos::vmm
