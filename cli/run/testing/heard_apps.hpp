// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A listener that keeps what it is told.
#pragma once

#include "cli/run/session.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace kos::run {

struct HeardApps final : Listener {
    std::map<int, std::string> output;  ///< of each app, by its number
    std::string text;                   ///< log and console

    void app_output(std::uint8_t app, bool /*is_error*/, Bytes bytes) override {
        output[app] += as_text(bytes);
    }
    void log(std::string_view line) override { text.append(line).append("\n"); }
    void console(std::string_view line) override { text.append(line).append("\n"); }
};

}  // namespace kos::run
