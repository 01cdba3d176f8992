// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Notes (PT_NOTE): owner, type, description. Read one after another.
#pragma once

#include "loader/elf/file.hpp"

namespace kos::elf {

struct Note {
    std::string_view owner;  ///< without its NUL
    std::uint32_t type;
    Bytes description;
};

class NoteReader {
   public:
    /// \p segment: a PT_NOTE's bytes; \p alignment: its p_align, 4 or 8.
    NoteReader(Bytes segment, std::uint64_t alignment)
        : rest_(segment), alignment_(alignment == 8 ? 8 : 4) {}

    /// The next note; nothing at the end or where the rest is malformed.
    [[nodiscard]] std::optional<Note> next();

   private:
    std::optional<Bytes> take(std::uint64_t size);

    Bytes rest_;
    std::uint64_t alignment_;
};

}  // namespace kos::elf
