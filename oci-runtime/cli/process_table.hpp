// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <string>
#include <vector>

namespace kos::oci {

/// The processes in the manner of ps(1), read from /proc: there need be no ps where we run.
[[nodiscard]] std::string process_table(const std::vector<int>& pids);

}  // namespace kos::oci
