// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Help of a command whose words are taken apart behind its options: CLI11 knows nothing of them.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <utility>

namespace kos::cli {

/// With \p words in the usage line.
class Usage final : public CLI::Formatter {
   public:
    explicit Usage(std::string words) : words_(std::move(words)) {}

    std::string make_usage(const CLI::App* /*app*/, std::string name) const override {
        return "Usage: " + name + " [OPTIONS] " + words_ + "\n";
    }

   private:
    std::string words_;
};

}  // namespace kos::cli
