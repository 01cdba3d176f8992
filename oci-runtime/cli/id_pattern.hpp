// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `kill --regex`, `delete --regex`: POSIX extended regular expressions over container ids (POSIX.1,
// Base Definitions, 9.4). The C library's would be a twentieth of the runtime's size.
#pragma once

#include "oci-runtime/spec/failure.hpp"

#include <bitset>
#include <string_view>
#include <vector>

namespace kos::oci {

/// Keeps the set of places that a match can have come to and never goes back, so that no id makes a
/// pattern slow; at most ten repetitions are nested in one another.
class IdPattern {
   public:
    /// Anything but back references and collating elements ("[[.x.]]", "[[=x=]]"), which are
    /// errors.
    [[nodiscard]] static Result<IdPattern> parse(std::string_view text);

    /// Whether some part of \p id matches, as with regexec(3).
    [[nodiscard]] bool matches(std::string_view id) const;

    struct Node {
        enum class Kind { OneOf, Begin, End, Sequence, Choice, Repeat };
        Kind kind = Kind::Sequence;
        std::bitset<256> characters{};
        std::vector<Node> parts{};
        unsigned least = 0;
        unsigned most = 0;
        unsigned nested_repeats = 0;  ///< within each other, itself among them
    };

   private:
    explicit IdPattern(Node node) : node_(std::move(node)) {}

    Node node_;
};

}  // namespace kos::oci
