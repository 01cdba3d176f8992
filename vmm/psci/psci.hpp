// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// PSCI 1.1 (Arm DEN 0022) and SMCCC 1.1 (Arm DEN 0028) as a guest sees them.
#pragma once

#include <array>
#include <cstdint>

namespace kos::vmm {

/// Error codes of PSCI.
inline constexpr std::uint64_t psci_success = 0,
                               psci_not_supported = static_cast<std::uint64_t>(-1),
                               psci_invalid_parameters = static_cast<std::uint64_t>(-2),
                               psci_denied = static_cast<std::uint64_t>(-3),
                               psci_already_on = static_cast<std::uint64_t>(-4),
                               psci_invalid_address = static_cast<std::uint64_t>(-9);

enum class PsciEffect : std::uint8_t {
    Answer,        ///< nothing but `value` in x0
    Suspend,       ///< waits for an interrupt, then success
    CpuOff,        ///< the caller stops
    CpuOn,         ///< processor `target` starts at `entry` with x0 `context`
    AffinityInfo,  ///< whether processor `target` is on
    SystemOff,
    SystemReset,
};

struct PsciCall {
    PsciEffect effect = PsciEffect::Answer;
    std::uint64_t value = psci_not_supported;
    std::uint64_t target = 0, entry = 0, context = 0;
};

/// What x0–x3 at an `smc` ask for.
[[nodiscard]] PsciCall psci_call(const std::array<std::uint64_t, 4>& registers);

}  // namespace kos::vmm
