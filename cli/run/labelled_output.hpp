// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The output of several apps on one terminal, as docker compose shows it: whole lines, each behind
// the name of its app, in a colour of its own on a terminal.
//
//   client  | hello
//   server  | 1 connection
#pragma once

#include "lib/base/bytes.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::run {

/// A line about an app, behind its name where it does not begin with that already.
[[nodiscard]] std::string behind_name(std::string_view name, std::string_view line);

class LabelledOutput {
   public:
    /// Gets whole lines with their newline.
    using Write = std::function<void(bool is_error, std::string_view line)>;

    /// \p names are the apps', by their numbers.
    LabelledOutput(const std::vector<std::string>& names, bool in_colour, Write write);

    /// A line that is not finished waits for the rest, its stream apart from the app's other one.
    void app_output(std::size_t app, bool is_error, Bytes bytes);
    /// Gives out what an app left unfinished; to be called when it has ended.
    void flush(std::size_t app);

   private:
    struct App {
        std::string label;
        std::array<std::string, 2> unfinished{};  ///< of standard output and error
    };
    void put(const App& app, bool is_error, std::string_view line);

    std::vector<App> apps_;
    Write write_;
};

}  // namespace kos::run
