// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Randomness at boot: a guest whose kernel has none yet takes it from virtio-rng.
#pragma once

#include "kosinit/setup/result.hpp"

namespace kos::init {

/// Whether the kernel's generator is seeded, after it was fed from /dev/hwrng where it was not.
[[nodiscard]] bool seed_random();

}  // namespace kos::init
