// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cli/duration.hpp"

#include "lib/linux/process.hpp"

#include <charconv>
#include <limits>

namespace kos::oci {

Result<std::int64_t> parse_duration(std::string_view text, std::string_view where) {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view unit{parsed.ptr, text.data() + text.size()};
    const std::int64_t factor = unit == "ms"                  ? 1
                                : unit == "s" || unit.empty() ? 1000
                                : unit == "m"                 ? 60'000
                                                              : 0;
    constexpr std::int64_t longest = 24 * 3600;
    if (parsed.ec != std::errc{} || factor == 0 || value <= 0 || value > longest) {
        return fail(std::string{where}, "\"" + std::string{text} + "\" is no time as in 5s");
    }
    return value * factor;
}

void wait_for(const sys::UniqueFd& pidfd, std::int64_t milliseconds) {
    static_cast<void>(sys::wait_for_end(pidfd.get(), static_cast<int>(milliseconds)));
}

}  // namespace kos::oci
