// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/spec/failure.hpp"

#include <string_view>

namespace kos::oci {

/// "5s", "500ms", "1m", "5": milliseconds. More than none.
[[nodiscard]] Result<std::int64_t> parse_duration(std::string_view text, std::string_view where);

/// At most `milliseconds`; less where the process ends.
void wait_for(const sys::UniqueFd& pidfd, std::int64_t milliseconds);

}  // namespace kos::oci
