// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/transcript.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace kos::contract {

void Transcript::receive(Bytes bytes) {
    for (const char character : as_text(bytes)) {
        if (character == '\r') continue;
        if (character != '\n') {
            line_ += character;
            continue;
        }
        if (line_.starts_with('@')) lines_.push_back(line_.substr(1));
        finished_ = finished_ || line_ == "@end";
        line_.clear();
    }
}

std::vector<std::string> Transcript::lines_of(std::string_view kind) const {
    std::vector<std::string> chosen;
    const std::string start = std::string{kind} + ' ';
    std::copy_if(lines_.begin(), lines_.end(), std::back_inserter(chosen),
                 [&](const std::string& line) { return line.starts_with(start); });
    return chosen;
}

std::optional<Difference> first_difference(const std::vector<std::string>& simulated,
                                           const std::vector<std::string>& real) {
    const std::size_t most = std::max(simulated.size(), real.size());
    for (std::size_t i = 0; i < most; ++i) {
        const std::string left = i < simulated.size() ? simulated[i] : "";
        const std::string right = i < real.size() ? real[i] : "";
        if (left != right) return Difference{i, left, right};
    }
    return std::nullopt;
}

std::optional<std::uint64_t> seed_of(std::string_view trace_line) {
    constexpr std::string_view start = "trace ";
    if (!trace_line.starts_with(start)) return std::nullopt;
    trace_line.remove_prefix(start.size());
    std::uint64_t seed = 0;
    const auto end = trace_line.data() + trace_line.size();
    if (std::from_chars(trace_line.data(), end, seed).ec != std::errc{}) return std::nullopt;
    return seed;
}

}  // namespace kos::contract
