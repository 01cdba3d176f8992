// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/elf/notes.hpp"

namespace kos::elf {

std::optional<Bytes> NoteReader::take(std::uint64_t size) {
    const auto part = slice(rest_, 0, size);
    if (!part) return std::nullopt;
    // Padding may be missing behind the last description.
    const auto padded = align_up(size, alignment_);
    const bool is_last = !padded || *padded >= rest_.size();
    rest_ = is_last ? Bytes{} : rest_.subspan(static_cast<std::size_t>(*padded));
    return part;
}

std::optional<Note> NoteReader::next() {
    const auto header = read_at<format::NoteHeader>(rest_, 0);
    if (!header) return std::nullopt;
    rest_ = rest_.subspan(sizeof(format::NoteHeader));
    const auto owner = take(header->name_size);
    if (!owner) return std::nullopt;
    const auto description = take(header->description_size);
    if (!description) return std::nullopt;
    const std::string_view name = as_text(*owner);
    return Note{name.substr(0, name.find('\0')), header->type, *description};
}

}  // namespace kos::elf
