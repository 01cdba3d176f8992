// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/device_tree_tokens.hpp"

namespace kos::rootserver {

namespace {

constexpr std::uint64_t cell_size = 4;

/// The NUL-terminated text at \p offset, without the NUL.
std::optional<std::string_view> text_at(Bytes bytes, std::uint64_t offset) {
    if (offset >= bytes.size()) return std::nullopt;
    const std::string_view rest = as_text(bytes.subspan(static_cast<std::size_t>(offset)));
    const std::size_t length = rest.find('\0');
    if (length == std::string_view::npos) return std::nullopt;
    return rest.substr(0, length);
}

}  // namespace

std::optional<Token> TokenReader::next() {
    for (;;) {
        const auto cell = read_cell(structure_, offset_);
        if (!cell) return std::nullopt;
        offset_ += cell_size;
        switch (static_cast<TokenKind>(*cell)) {
            case TokenKind::BeginNode:
                return begin_node();
            case TokenKind::EndNode:
                if (open_nodes_ == 0) return std::nullopt;
                --open_nodes_;
                return Token{TokenKind::EndNode, {}, {}, open_nodes_};
            case TokenKind::Property:
                return property();
            case TokenKind::Nop:
                break;
            default:
                return std::nullopt;
        }
    }
}

std::optional<Token> TokenReader::begin_node() {
    const auto name = text_at(structure_, offset_);
    if (!name) return std::nullopt;
    offset_ = *align_up<std::uint64_t>(offset_ + name->size() + 1, cell_size);
    return Token{TokenKind::BeginNode, *name, {}, open_nodes_++};
}

std::optional<Token> TokenReader::property() {
    const auto length = read_cell(structure_, offset_);
    const auto name_offset = read_cell(structure_, offset_ + cell_size);
    if (!length || !name_offset || open_nodes_ == 0) return std::nullopt;
    const auto value = slice(structure_, offset_ + 2 * cell_size, *length);
    const auto name = text_at(strings_, *name_offset);
    if (!value || !name) return std::nullopt;
    offset_ = *align_up<std::uint64_t>(offset_ + 2 * cell_size + *length, cell_size);
    return Token{TokenKind::Property, *name, *value, open_nodes_ - 1};
}

}  // namespace kos::rootserver
