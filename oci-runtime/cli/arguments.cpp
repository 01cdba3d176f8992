// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cli/arguments.hpp"

#include <algorithm>
#include <charconv>

namespace kos::oci {

namespace {

/// "--name", "-name" or "-n".
const Option* find_option(std::span<const Option> options, std::string_view word) {
    const bool two_dashes = word.starts_with("--");
    const std::string_view name = word.substr(two_dashes ? 2 : 1);
    for (const Option& option : options) {
        const bool is_short = !two_dashes && name.size() == 1 && name[0] == option.short_name;
        if (name == option.name || is_short) return &option;
    }
    return nullptr;
}

bool is_true(std::string_view value) { return value != "false" && value != "0"; }

}  // namespace

Result<Arguments> Arguments::parse(std::span<char* const> words, std::span<const Option> options,
                                   Order order) {
    Arguments arguments;
    std::size_t next = 0;
    while (next < words.size()) {
        const std::string_view word = words[next++];
        if (word == "--") break;
        if (word.size() < 2 || !word.starts_with('-')) {
            arguments.positionals_.emplace_back(word);
            if (order == Order::OptionsFirst) break;
            continue;
        }
        const std::size_t equals = word.find('=');
        const Option* option = find_option(options, word.substr(0, equals));
        if (option == nullptr) return fail("", "unknown option " + std::string{word});
        std::string value =
            equals == std::string_view::npos ? "" : std::string{word.substr(equals + 1)};
        if (option->takes_value && equals == std::string_view::npos) {
            if (next == words.size()) return fail(std::string{word}, "needs a value");
            value = words[next++];
        }
        if (!option->takes_value && equals != std::string_view::npos && !is_true(value)) continue;
        arguments.options_.emplace(option->name, std::move(value));
    }
    for (; next < words.size(); ++next) arguments.positionals_.emplace_back(words[next]);
    return arguments;
}

bool Arguments::has(std::string_view name) const { return options_.contains(name); }

std::string Arguments::value(std::string_view name) const {
    const auto [first, last] = options_.equal_range(name);
    return first == last ? "" : std::prev(last)->second;
}

std::vector<std::string> Arguments::values(std::string_view name) const {
    std::vector<std::string> all;
    const auto [first, last] = options_.equal_range(name);
    std::transform(first, last, std::back_inserter(all),
                   [](const auto& each) { return each.second; });
    return all;
}

Result<std::int64_t> Arguments::number(std::string_view name, std::int64_t fallback) const {
    if (!has(name)) return fallback;
    const std::string text = value(name);
    std::int64_t parsed = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) {
        return fail("--" + std::string{name}, "\"" + text + "\" is no number");
    }
    return parsed;
}

Result<unsigned> preserved_fds(const Arguments& arguments) {
    const std::int64_t count = KOS_TRY(arguments.number("preserve-fds", 0));
    if (count < 0 || count > most_preserved_fds) return fail("--preserve-fds", "is out of range");
    return static_cast<unsigned>(count);
}

}  // namespace kos::oci
