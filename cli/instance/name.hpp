// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Names of instances: what people type, and folders.
#pragma once

#include "lib/base/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kos::instance {

inline constexpr std::size_t longest_name = 63;

/// Letters, digits, '_', '.' and '-', a letter or digit first: docker's rule, and never a path.
[[nodiscard]] bool is_name(std::string_view text);

/// KOS-E-INSTANCE-NAME where it is none.
[[nodiscard]] Outcome<std::string> checked_name(std::string text);

/// A name for an instance that was given none: the image's and a random number, "hello-1f3a9c".
[[nodiscard]] std::string make_name(std::string_view image);

/// "NAME", or "NAME/APP" for one app of a system of several.
struct Selector {
    std::string instance;
    std::string app;  ///< empty: the only one, or all
};
[[nodiscard]] Outcome<Selector> parse_selector(std::string_view text);

}  // namespace kos::instance
