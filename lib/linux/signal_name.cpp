// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/signal_name.hpp"

#include <cctype>
#include <charconv>
#include <cstring>
#include <signal.h>
#include <string>

namespace kos::sys {

namespace {

std::optional<int> number(std::string_view text) {
    int value = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return value;
}

/// "RTMIN+3", "RTMAX-1", "RTMIN".
std::optional<int> real_time(std::string_view name) {
    const bool from_start = name.starts_with("RTMIN");
    if (!from_start && !name.starts_with("RTMAX")) return std::nullopt;
    const int base = from_start ? SIGRTMIN : SIGRTMAX;
    if (name.size() == 5) return base;
    if (name[5] != (from_start ? '+' : '-')) return std::nullopt;
    const auto offset = number(name.substr(6));
    if (!offset) return std::nullopt;
    return from_start ? base + *offset : base - *offset;
}

}  // namespace

std::optional<int> parse_signal(std::string_view text) {
    if (const auto value = number(text); value && *value >= 0 && *value < NSIG) return *value;
    std::string name{text};
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (name.starts_with("SIG")) name.erase(0, 3);
    if (const auto value = real_time(name); value && *value >= SIGRTMIN && *value <= SIGRTMAX) {
        return *value;
    }
    for (int value = 1; value < SIGRTMIN; ++value) {
        const char* abbreviation = sigabbrev_np(value);
        if (abbreviation != nullptr && name == abbreviation) return value;
    }
    return std::nullopt;
}

}  // namespace kos::sys
