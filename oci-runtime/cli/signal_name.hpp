// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "oci-runtime/spec/failure.hpp"

#include <string_view>

namespace kos::oci {

/// "TERM", "SIGTERM", "sigterm", "15", "RTMIN+3".
[[nodiscard]] Result<int> parse_signal(std::string_view text);

}  // namespace kos::oci
