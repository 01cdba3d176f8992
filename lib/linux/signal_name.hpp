// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Signals by the names that people and documents give them.
#pragma once

#include <optional>
#include <string_view>

namespace kos::sys {

/// "TERM", "SIGTERM", "sigterm", "15", "RTMIN+3"; nothing where there is no such signal.
[[nodiscard]] std::optional<int> parse_signal(std::string_view text);

}  // namespace kos::sys
