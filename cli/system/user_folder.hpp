// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where kos keeps what is the user's, by the XDG base directory specification.
#pragma once

#include <filesystem>

namespace kos::system {

/// What the environment's \p variable says, or kos/NAME in the user's folder for data.
[[nodiscard]] std::filesystem::path user_folder(const char* variable, const char* name);

}  // namespace kos::system
