// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Kernel modules: those of modules.dep, in the order in which they need one another.
#pragma once

#include "kosinit/setup/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kos::init {

/// The modules that a modules.dep names, each after those that it depends on: depmod's form,
/// `PATH: PATH…` a line. A cycle is an error.
[[nodiscard]] Outcome<std::vector<std::string>> order_modules(std::string_view text);

/// Loads every module that `FOLDER/RELEASE/modules.dep` names, RELEASE being the kernel's, and
/// removes the folder's files, which are in memory. Without \p folder there are no modules to load.
[[nodiscard]] Outcome<void> load_modules(const std::string& folder);

}  // namespace kos::init
