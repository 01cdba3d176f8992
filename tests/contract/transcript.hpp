// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the contract program said on the console of one kernel, and where two of them differ.
#pragma once

#include "lib/base/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::contract {

/// Collects the program's lines from a console that also carries a debug kernel's messages.
class Transcript {
   public:
    void receive(Bytes bytes);
    /// The program has said its last line.
    [[nodiscard]] bool finished() const { return finished_; }
    /// Without the @ that they begin with.
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
    /// Those whose first word is \p kind.
    [[nodiscard]] std::vector<std::string> lines_of(std::string_view kind) const;

   private:
    std::string line_;
    std::vector<std::string> lines_;
    bool finished_ = false;
};

struct Difference {
    std::size_t line;
    std::string simulated;
    std::string real;
};

/// The first line in which they differ; a missing line is empty.
[[nodiscard]] std::optional<Difference> first_difference(const std::vector<std::string>& simulated,
                                                         const std::vector<std::string>& real);

/// The seed in a "trace SEED HASH" line.
[[nodiscard]] std::optional<std::uint64_t> seed_of(std::string_view trace_line);

}  // namespace kos::contract
