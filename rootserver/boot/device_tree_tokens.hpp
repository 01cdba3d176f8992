// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Walks the structure block of a flattened device tree: Devicetree Specification v0.4, §5.4.
#pragma once

#include "lib/base/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::rootserver {

enum class TokenKind : std::uint32_t { BeginNode = 1, EndNode = 2, Property = 3, Nop = 4, End = 9 };

struct Token {
    TokenKind kind;
    std::string_view name;  ///< of a node or property
    Bytes value;            ///< of a property
    unsigned depth;         ///< of the node: 0 is the root; a property has that of its node
};

/// Big-endian, as all numbers of a device tree are.
[[nodiscard]] inline std::optional<std::uint32_t> read_cell(Bytes bytes, std::uint64_t offset) {
    const auto raw = read_at<std::uint32_t>(bytes, offset);
    if (!raw) return std::nullopt;
    return __builtin_bswap32(*raw);
}

class TokenReader {
   public:
    TokenReader(Bytes structure, Bytes strings) : structure_(structure), strings_(strings) {}

    /// Nothing at the end, and where the block is malformed.
    std::optional<Token> next();

   private:
    std::optional<Token> begin_node();
    std::optional<Token> property();

    Bytes structure_;
    Bytes strings_;
    std::uint64_t offset_ = 0;
    unsigned open_nodes_ = 0;
};

}  // namespace kos::rootserver
