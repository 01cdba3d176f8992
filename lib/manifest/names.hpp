// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The names that reports and logs use for the format's enumerators.
#pragma once

#include "lib/manifest/image.hpp"

#include <array>
#include <string_view>

namespace kos::manifest {

[[nodiscard]] constexpr std::string_view name_of(MappingKind kind) {
    constexpr std::array<std::string_view, 23> names{
        "unknown",
        "text",
        "read-only data",
        "data",
        "stubs",
        "libos text",
        "libos read-only data",
        "libos data",
        "process information",
        "thread area",
        "stack",
        "initrd",
        "heap",
        "mmap",
        "guard",
        "guest blob",
        "guest memory",
        "message area",
        "message books",
        "message plan",
        "message lane",
        "volume memory",
        "gateway plan",
    };
    const auto number = static_cast<std::size_t>(kind);
    return number < names.size() ? names[number] : names[0];
}

[[nodiscard]] constexpr std::string_view name_of(MappingSource source) {
    constexpr std::array<std::string_view, 10> names{
        "unknown", "shared", "copied", "zero", "on demand",
        "none",    "direct", "guest",  "lent", "joined",
    };
    const auto number = static_cast<std::size_t>(source);
    return number < names.size() ? names[number] : names[0];
}

[[nodiscard]] constexpr std::string_view name_of(BlobKind kind) {
    constexpr std::array<std::string_view, 13> names{
        "unknown", "root server",  "program",      "stubs",        "libos",
        "initrd",  "symbols",      "undo",         "guest kernel", "guest initrd",
        "disk",    "message plan", "gateway plan",
    };
    const auto number = static_cast<std::size_t>(kind);
    return number < names.size() ? names[number] : names[0];
}

}  // namespace kos::manifest
