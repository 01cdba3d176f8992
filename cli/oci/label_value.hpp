// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Values of labels: text to numbers, sizes, lists, with KOS-E-LABEL-VALUE for what is none.
#pragma once

#include "lib/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

/// A whole decimal number in [lowest, highest].
Outcome<std::uint64_t> parse_number(std::string_view text, std::uint64_t lowest,
                                    std::uint64_t highest, const std::string& where);

/// Bytes: a number, optionally with k, m or g (powers of 1024) and B, as docker takes --memory.
Outcome<std::uint64_t> parse_byte_size(std::string_view text, std::uint64_t lowest,
                                       std::uint64_t highest, const std::string& where);

/// Items between commas, blanks around them dropped; an empty item is an error.
Outcome<std::vector<std::string>> parse_list(std::string_view text, const std::string& where);

/// The candidate that differs from \p word by the fewest edits; empty where all differ much.
[[nodiscard]] std::string nearest(std::string_view word,
                                  const std::vector<std::string>& candidates);

}  // namespace kos::oci
