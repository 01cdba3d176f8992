// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cli/user_option.hpp"

#include <charconv>
#include <limits>

namespace kos::oci {

Result<std::uint32_t> parse_id(std::string_view text, std::string_view where) {
    std::uint32_t value = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    // The last number stands for "no id" in the kernel.
    const bool is_none = value == std::numeric_limits<std::uint32_t>::max();
    if (parsed.ec != std::errc{} || parsed.ptr != end || is_none) {
        return fail(std::string{where}, "\"" + std::string{text} + "\" is no id");
    }
    return value;
}

Result<User> parse_user(std::string_view text) {
    User user;
    const std::size_t colon = text.find(':');
    user.uid = KOS_TRY(parse_id(text.substr(0, colon), "--user"));
    if (colon != std::string_view::npos) {
        user.gid = KOS_TRY(parse_id(text.substr(colon + 1), "--user"));
    }
    return user;
}

}  // namespace kos::oci
