// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `exec --user`: an id that is accepted is the one that was written, and never "no id".
#include "oci-runtime/cli/user_option.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto user = kos::oci::parse_user(text);
    if (!user) return user.error().what.empty() ? std::abort(), 0 : 0;
    constexpr auto none = std::numeric_limits<std::uint32_t>::max();
    if (user->uid == none || user->gid == none) std::abort();
    const std::size_t colon = text.find(':');
    std::string_view first = text.substr(0, colon);
    // Leading zeros are decimal, too.
    first.remove_prefix(std::min(first.find_first_not_of('0'), first.size() - 1));
    if (std::to_string(user->uid) != first) std::abort();
    return 0;
}
