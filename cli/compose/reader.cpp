// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace kos::compose {

namespace {

/// Levenshtein's distance.
std::size_t edit_distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

/// A number and the unit behind it.
struct Quantity {
    double number;
    std::string_view unit;
};
std::optional<Quantity> take_quantity(std::string_view& rest) {
    Quantity quantity{};
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(),
                                              quantity.number, std::chars_format::fixed);
    if (error != std::errc{} || quantity.number < 0) return {};
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto is_unit = [](char c) { return (c < '0' || c > '9') && c != '.'; };
    const auto unit_end = std::find_if_not(rest.begin(), rest.end(), is_unit);
    quantity.unit = rest.substr(0, static_cast<std::size_t>(unit_end - rest.begin()));
    rest.remove_prefix(quantity.unit.size());
    return quantity;
}

std::optional<double> nanoseconds_of(std::string_view unit) {
    if (unit == "h") return 3600e9;
    if (unit == "m") return 60e9;
    if (unit == "s") return 1e9;
    if (unit == "ms") return 1e6;
    if (unit == "us") return 1e3;
    return {};
}

std::optional<double> bytes_of(std::string_view unit, double kilo) {
    if (unit.empty() || unit == "b") return 1;
    if (unit == "k" || unit == "kb") return kilo;
    if (unit == "m" || unit == "mb") return kilo * kilo;
    if (unit == "g" || unit == "gb") return kilo * kilo * kilo;
    return {};
}

/// The words of a line; nothing where quotes are not closed.
std::optional<Strings> split_words(std::string_view line) {
    Strings words;
    std::string word;
    bool in_word = false;
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote == '\0' && (c == ' ' || c == '\t' || c == '\n')) {
            if (std::exchange(in_word, false)) words.push_back(std::exchange(word, {}));
            continue;
        }
        in_word = true;
        if (quote == '\0' && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == quote) {
            quote = '\0';
        } else if (c == '\\' && quote != '\'') {
            if (i + 1 == line.size()) return {};
            const char next = line[++i];
            if (quote == '"' && next != '"' && next != '\\' && next != '$' && next != '`')
                word += c;
            word += next;
        } else {
            word += c;
        }
    }
    if (quote != '\0') return {};
    if (in_word) words.push_back(std::move(word));
    return words;
}

}  // namespace

std::string_view nearest(std::string_view name, std::span<const std::string_view> names) {
    std::string_view best;
    std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
    for (const std::string_view each : names) {
        const std::size_t distance = edit_distance(name, each);
        if (distance < least) {
            least = distance;
            best = each;
        }
    }
    return best;
}

namespace {

/// kos's own extensions are checked as all other keys are.
bool is_of_another_tool(std::string_view key) {
    return key.starts_with("x-") && !key.starts_with("x-kos-") && !key.starts_with("x-msg-");
}

}  // namespace

Outcome<void> check_keys(const Value& value, std::string_view what,
                         std::span<const std::string_view> supported,
                         std::span<const UnsupportedKey> unsupported) {
    KOS_TRY(expect_mapping(value, what));
    for (const Value::Entry& entry : value.entries) {
        if (is_of_another_tool(entry.key) ||
            std::find(supported.begin(), supported.end(), entry.key) != supported.end()) {
            continue;
        }
        const std::string where = to_string(entry.position);
        for (const UnsupportedKey& each : unsupported) {
            if (each.key != entry.key) continue;
            return fail(ErrorCode::ComposeUnsupported, where,
                        entry.key + ": " + std::string{each.reason});
        }
        std::string detail = std::string{what}.append(" has no key ").append(entry.key);
        if (const std::string_view meant = nearest(entry.key, supported); !meant.empty()) {
            detail.append("; did you mean ").append(meant).append("?");
        }
        return fail(ErrorCode::ComposeKey, where, std::move(detail));
    }
    return {};
}

Err<Error> refuse_value(const Value& value, std::string detail) {
    std::string found = value.is_scalar() ? value.text : std::string{describe(value.kind)};
    return fail(ErrorCode::ComposeValue, to_string(value.position),
                std::move(found) + ": " + std::move(detail));
}

Outcome<void> expect_mapping(const Value& value, std::string_view what) {
    if (value.is_mapping()) return {};
    return refuse_value(value, std::string{what}.append(" is a mapping"));
}

Outcome<void> expect_list(const Value& value, std::string_view what) {
    if (value.is_sequence()) return {};
    return refuse_value(value, std::string{what}.append(" is a list"));
}

Outcome<std::string> read_text(const Value& value) {
    if (value.is_scalar()) return value.text;
    return refuse_value(value, "it should be text");
}

Outcome<bool> read_bool(const Value& value) {
    if (value.is_scalar() && value.text == "true") return true;
    if (value.is_scalar() && value.text == "false") return false;
    return refuse_value(value, "it should be true or false");
}

Outcome<std::uint64_t> read_number(const Value& value, std::uint64_t least, std::uint64_t most) {
    std::uint64_t number = 0;
    const char* const end = value.text.data() + value.text.size();
    const auto [last, error] = std::from_chars(value.text.data(), end, number);
    if (value.is_scalar() && error == std::errc{} && last == end && number >= least &&
        number <= most) {
        return number;
    }
    return refuse_value(value, "it should be a whole number from " + std::to_string(least) +
                                   " to " + std::to_string(most));
}

Outcome<double> read_fraction(const Value& value) {
    std::string_view rest = value.text;
    const auto quantity = take_quantity(rest);
    if (value.is_scalar() && quantity && quantity->unit.empty() && rest.empty() &&
        quantity->number > 0) {
        return quantity->number;
    }
    return refuse_value(value, "it should be a positive number, as 0.5");
}

Outcome<Duration> read_duration(const Value& value) {
    const auto refuse = [&] {
        return refuse_value(value, "it should be a duration, as 1m30s or 500ms");
    };
    if (!value.is_scalar() || value.text.empty()) return refuse();
    if (value.text == "0") return Duration{};
    double total = 0;
    for (std::string_view rest = value.text; !rest.empty();) {
        const auto quantity = take_quantity(rest);
        const auto factor = quantity ? nanoseconds_of(quantity->unit) : std::nullopt;
        if (!factor) return refuse();
        total += quantity->number * *factor;
    }
    if (total > 9e18) return refuse();
    return Duration{std::llround(total)};
}

namespace {

Outcome<std::uint64_t> read_multiples(const Value& value, double kilo) {
    std::string lower = value.text;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string_view rest = lower;
    const auto quantity = take_quantity(rest);
    const auto factor = quantity ? bytes_of(quantity->unit, kilo) : std::nullopt;
    if (!value.is_scalar() || !factor || !rest.empty() || quantity->number * *factor > 9e18) {
        return refuse_value(value, "it should be a number of bytes, as 64m or 1.5gb");
    }
    return static_cast<std::uint64_t>(quantity->number * *factor);
}

}  // namespace

Outcome<std::uint64_t> read_bytes(const Value& value) { return read_multiples(value, 1024); }
Outcome<std::uint64_t> read_decimal_bytes(const Value& value) {
    return read_multiples(value, 1000);
}

Outcome<std::string> absolute_path(const Value& value) {
    if (value.is_scalar() && value.text.starts_with("/")) return value.text;
    return refuse_value(value, "it should be an absolute path in the container");
}

Outcome<unsigned> read_mode(const Value& value) {
    constexpr unsigned most = 07777;
    std::string_view digits = value.text;
    if (digits.starts_with("0o")) digits.remove_prefix(2);
    unsigned mode = 0;
    const char* const end = digits.data() + digits.size();
    const auto [last, error] = std::from_chars(digits.data(), end, mode, 8);
    if (value.is_scalar() && error == std::errc{} && last == end && mode <= most) return mode;
    return refuse_value(value, "it should be permissions in octal, as 0444");
}

Outcome<Strings> read_texts(const Value& list) {
    KOS_TRY(expect_list(list, "it"));
    Strings texts;
    for (const Value& item : list.items) texts.push_back(KOS_TRY(read_text(item)));
    return texts;
}

Outcome<Strings> read_command(const Value& value) {
    if (value.is_sequence()) return read_texts(value);
    if (!value.is_scalar()) return refuse_value(value, "it should be words, or a list of them");
    auto words = split_words(value.text);
    if (!words) return refuse_value(value, "its quotes are not closed");
    return std::move(*words);
}

Outcome<std::map<std::string, std::string>> read_text_map(const Value& mapping) {
    KOS_TRY(expect_mapping(mapping, "it"));
    std::map<std::string, std::string> texts;
    for (const Value::Entry& entry : mapping.entries) {
        texts[entry.key] = entry.value.is_null() ? "" : KOS_TRY(read_text(entry.value));
    }
    return texts;
}

}  // namespace kos::compose
