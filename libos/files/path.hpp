// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Taking paths apart. Without std::string_view::substr(), which may throw.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace kos::libos {

/// Takes the first component off `path`; nothing where only slashes are left.
[[nodiscard]] inline std::optional<std::string_view> next_component(std::string_view& path) {
    while (path.starts_with('/')) path.remove_prefix(1);
    if (path.empty()) return std::nullopt;
    const std::size_t slash = path.find('/');
    const std::string_view component{path.data(), std::min(slash, path.size())};
    path.remove_prefix(component.size());
    return component;
}

struct SplitPath {
    std::string_view front;  ///< may be empty
    std::string_view last;   ///< without slashes; empty where the path has no component
};

[[nodiscard]] inline SplitPath split_last(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return {{}, path};
    SplitPath split{path, path};
    split.front.remove_suffix(path.size() - slash);
    split.last.remove_prefix(slash + 1);
    return split;
}

}  // namespace kos::libos
