// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An option whose value is one of a few words, told as such in help and errors.
#pragma once

#include <CLI/CLI.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace kos::cli {

/// A word and what it stands for.
template <class T>
using Choices = std::vector<std::pair<std::string, T>>;

template <class T, class Into>
void add_choice(CLI::App& command, const std::string& name, const Choices<T>& choices, Into& into,
                const std::string& what) {
    std::string words;
    for (const auto& [word, value] : choices) words += (words.empty() ? "" : "|") + word;
    command
        .add_option_function<std::string>(
            name,
            [=, &into](const std::string& given) {
                const auto found =
                    std::ranges::find(choices, given, &std::pair<std::string, T>::first);
                if (found == choices.end()) {
                    throw CLI::ValidationError(name, given + ": it should be " + words);
                }
                into = found->second;
            },
            what)
        ->option_text(words);
}

}  // namespace kos::cli
