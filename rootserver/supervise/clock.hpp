// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The machine's counter: CNTVCT_EL0 or CNTPCT_EL0 on a target, simulated time in tests.
#pragma once

#include <cstdint>

namespace kos::rootserver {

struct Clock {
    std::uint64_t (*now)();
    std::uint64_t hz = 1;
};

}  // namespace kos::rootserver
