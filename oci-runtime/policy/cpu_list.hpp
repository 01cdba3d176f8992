// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Lists of CPUs or memory nodes as the kernel writes them: "0-3,7".
#pragma once

#include "oci-runtime/spec/failure.hpp"

#include <bitset>
#include <string_view>

namespace kos::oci {

using CpuSet = std::bitset<1024>;

/// Spaces are skipped; `where` names the field in errors.
[[nodiscard]] Result<CpuSet> parse_cpu_list(std::string_view text, std::string_view where);

}  // namespace kos::oci
