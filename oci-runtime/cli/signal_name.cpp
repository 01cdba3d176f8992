// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cli/signal_name.hpp"

#include "lib/linux/signal_name.hpp"

#include <string>

namespace kos::oci {

Result<int> parse_signal(std::string_view text) {
    if (const auto number = sys::parse_signal(text)) return *number;
    return fail("signal", "unknown signal \"" + std::string{text} + "\"");
}

}  // namespace kos::oci
