// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What is read of a container's control groups, by its name.
#pragma once

#include "kosinit/setup/result.hpp"
#include "lib/guest/messages.hpp"

#include <string>

namespace kos::init {

/// How many of its processes the kernel killed for want of memory.
[[nodiscard]] std::uint32_t oom_kills_of(const std::string& name);

/// To every process of its group; a container that is gone has none.
void signal_group(const std::string& name, int number);

[[nodiscard]] Outcome<guest::Usage> usage_of(const std::string& name);

}  // namespace kos::init
