// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/policy/cpu_list.hpp"

#include <charconv>
#include <optional>

namespace kos::oci {

namespace {

std::string_view trim(std::string_view text) {
    const std::size_t start = text.find_first_not_of(' ');
    if (start == std::string_view::npos) return {};
    return text.substr(start, text.find_last_not_of(' ') - start + 1);
}

std::optional<std::size_t> number(std::string_view text) {
    std::size_t value = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return value;
}

/// "3" or "0-3"; whether it made sense.
bool add_range(std::string_view part, CpuSet& set) {
    const std::size_t dash = part.find('-');
    const auto first = number(trim(part.substr(0, dash)));
    const auto last = dash == std::string_view::npos ? first : number(trim(part.substr(dash + 1)));
    if (!first || !last || *first > *last || *last >= set.size()) return false;
    for (std::size_t cpu = *first; cpu <= *last; ++cpu) set.set(cpu);
    return true;
}

}  // namespace

Result<CpuSet> parse_cpu_list(std::string_view text, std::string_view where) {
    CpuSet set;
    for (std::string_view rest = trim(text); !rest.empty();) {
        const std::size_t comma = rest.find(',');
        if (!add_range(trim(rest.substr(0, comma)), set)) {
            return fail(std::string{where},
                        "not a list as in 0-3,7: \"" + std::string{text} + "\"");
        }
        if (comma == std::string_view::npos) break;
        rest = trim(rest.substr(comma + 1));
    }
    return set;
}

}  // namespace kos::oci
