// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/user_folder.hpp"

#include <cstdlib>
#include <optional>

namespace kos::system {

namespace fs = std::filesystem;

fs::path user_folder(const char* variable, const char* name) {
    const auto value_of = [](const char* key) -> std::optional<fs::path> {
        const char* value = std::getenv(key);
        if (value == nullptr || *value == '\0') return std::nullopt;
        return fs::path{value};
    };
    if (const auto own = value_of(variable)) return *own;
    if (const auto data = value_of("XDG_DATA_HOME")) return *data / "kos" / name;
    return value_of("HOME").value_or("/") / ".local" / "share" / "kos" / name;
}

}  // namespace kos::system
