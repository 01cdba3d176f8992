// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Real programs for tests: loader/testing/hello.c, as the cross compiler builds it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace kos::testing {

/// "static", "static-pie" or "dynamic". Ends the test program where the file cannot be read.
[[nodiscard]] std::vector<std::byte> sample(const std::string& name);

}  // namespace kos::testing
