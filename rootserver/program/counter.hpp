// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The generic timer's counter (Arm ARM, D12). A kernel exports one of the two views or both.
#pragma once

#include "rootserver/supervise/clock.hpp"

namespace kos::rootserver {

/// \p virtual_view: CNTVCT_EL0; else CNTPCT_EL0.
[[nodiscard]] Clock counter_clock(bool virtual_view);

}  // namespace kos::rootserver
