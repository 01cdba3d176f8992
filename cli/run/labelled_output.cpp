// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/run/labelled_output.hpp"

#include <algorithm>
#include <utility>

namespace kos::run {
namespace {

/// docker compose's, in its order: cyan, yellow, green, magenta, blue, then the bright ones.
constexpr std::array<int, 10> colours{36, 33, 32, 35, 34, 96, 93, 92, 95, 94};
/// An app that never ends its line does not hold memory for it without limit.
constexpr std::size_t longest_line = 64u << 10;

}  // namespace

std::string behind_name(std::string_view name, std::string_view line) {
    const std::string label = std::string{name} + ": ";
    return (line.starts_with(label) ? "" : label) + std::string{line};
}

LabelledOutput::LabelledOutput(const std::vector<std::string>& names, bool in_colour, Write write)
    : write_(std::move(write)) {
    std::size_t width = 0;
    for (const std::string& name : names) width = std::max(width, name.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::string label = names[i];
        label.resize(width + 2, ' ');
        label += "| ";
        if (in_colour) {
            label = "\x1b[" + std::to_string(colours[i % colours.size()]) + "m" + label + "\x1b[0m";
        }
        apps_.push_back({std::move(label)});
    }
}

void LabelledOutput::app_output(std::size_t app, bool is_error, Bytes bytes) {
    if (app >= apps_.size()) return;
    std::string& line = apps_[app].unfinished[is_error ? 1 : 0];
    for (const char c : as_text(bytes)) {
        if (c != '\n') line += c;
        if (c == '\n' || line.size() >= longest_line) {
            put(apps_[app], is_error, std::exchange(line, {}));
        }
    }
}

void LabelledOutput::flush(std::size_t app) {
    if (app >= apps_.size()) return;
    for (const bool is_error : {false, true}) {
        std::string line = std::exchange(apps_[app].unfinished[is_error ? 1 : 0], {});
        if (!line.empty()) put(apps_[app], is_error, line);
    }
}

void LabelledOutput::put(const App& app, bool is_error, std::string_view line) {
    write_(is_error, app.label + std::string{line} + "\n");
}

}  // namespace kos::run
