// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/label_value.hpp"

#include "lib/base/checked.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace kos::oci {
namespace {

std::optional<std::uint64_t> decimal(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string range_text(std::uint64_t lowest, std::uint64_t highest) {
    return "from " + std::to_string(lowest) + " to " + std::to_string(highest);
}

std::string quoted(std::string_view text) { return "\"" + std::string{text} + "\""; }

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// log2 of what a suffix multiplies by: none, k, m, g, each also with b, in either case.
std::optional<unsigned> shift_of(std::string_view suffix) {
    std::string lower;
    for (const char c : suffix) lower += static_cast<char>(std::tolower(c));
    if (lower.size() > 1 && lower.ends_with('b')) lower.pop_back();
    if (lower.empty() || lower == "b") return 0;
    if (lower == "k") return 10;
    if (lower == "m") return 20;
    if (lower == "g") return 30;
    return std::nullopt;
}

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

Outcome<std::uint64_t> parse_number(std::string_view text, std::uint64_t lowest,
                                    std::uint64_t highest, const std::string& where) {
    const auto value = decimal(text);
    if (!value || *value < lowest || *value > highest) {
        return fail(ErrorCode::LabelValue, where,
                    quoted(text) + "; expected a whole number " + range_text(lowest, highest));
    }
    return *value;
}

Outcome<std::uint64_t> parse_byte_size(std::string_view text, std::uint64_t lowest,
                                       std::uint64_t highest, const std::string& where) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = decimal(text.substr(0, digits));
    const auto shift = shift_of(text.substr(digits));
    const auto bytes = number && shift
                           ? checked_multiply<std::uint64_t>(*number, std::uint64_t{1} << *shift)
                           : std::nullopt;
    if (!bytes || *bytes < lowest || *bytes > highest) {
        return fail(
            ErrorCode::LabelValue, where,
            quoted(text) + "; expected bytes " + range_text(lowest, highest) + ", such as 128M");
    }
    return *bytes;
}

Outcome<std::vector<std::string>> parse_list(std::string_view text, const std::string& where) {
    std::vector<std::string> items;
    while (true) {
        const std::size_t comma = text.find(',');
        const std::string_view item = trimmed(text.substr(0, comma));
        if (item.empty()) {
            return fail(ErrorCode::LabelValue, where, "an empty name; expected a list of names");
        }
        items.emplace_back(item);
        if (comma == std::string_view::npos) return items;
        text.remove_prefix(comma + 1);
    }
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
    std::string best;
    std::size_t least = word.size() / 3 + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t edits = distance(word, candidate);
        if (edits >= least) continue;
        least = edits;
        best = candidate;
    }
    return best;
}

}  // namespace kos::oci
