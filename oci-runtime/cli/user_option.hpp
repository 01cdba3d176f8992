// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "oci-runtime/spec/process.hpp"

#include <string_view>

namespace kos::oci {

/// A user or group id; `where` is the option it was given to.
[[nodiscard]] Result<std::uint32_t> parse_id(std::string_view text, std::string_view where);

/// "UID" or "UID:GID".
[[nodiscard]] Result<User> parse_user(std::string_view text);

}  // namespace kos::oci
