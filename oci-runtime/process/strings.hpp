// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

/// argv or envp for execve(2): pointers into `strings`, and a null.
[[nodiscard]] inline std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
    std::vector<char*> pointers;
    pointers.reserve(strings.size() + 1);
    for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

/// The value of `name` in a list of NAME=value, or null.
[[nodiscard]] inline const char* find_variable(const std::vector<std::string>& environment,
                                               std::string_view name) {
    for (const std::string& entry : environment) {
        if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
            return entry.c_str() + name.size() + 1;
        }
    }
    return nullptr;
}

}  // namespace kos::oci
