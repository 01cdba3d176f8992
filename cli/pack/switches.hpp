// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Switches of Ethernets on their way into a system image.
#pragma once

#include "cli/pack/image_builder.hpp"
#include "cli/pack/networks.hpp"

#include <string>
#include <vector>

namespace kos::pack {

/// What the app is called: no service has such a name.
[[nodiscard]] std::string switch_name(const SwitchPlan& plan);

/// Adds them behind the message servers. \p elf: the content of netswitch.elf.
Outcome<void> add_switches(const std::vector<SwitchPlan>& switches, const std::string& elf,
                           ImageBuilder& builder);

}  // namespace kos::pack
