// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/user.hpp"

#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

namespace kos::pack {
namespace {

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

/// A line of a colon-separated database whose field \p column is \p value.
std::optional<std::vector<std::string_view>> find_line(const oci::RootFs& rootfs, const char* path,
                                                       std::size_t column, std::string_view value) {
    const std::string* database = rootfs.read(path);
    if (database == nullptr) return std::nullopt;
    for (const std::string_view line : split(*database, '\n')) {
        auto fields = split(line, ':');
        if (fields.size() > column && fields[column] == value) return fields;
    }
    return std::nullopt;
}

/// Column 2 of /etc/passwd and /etc/group is the number, column 0 the name.
Outcome<std::uint32_t> resolve_name(const oci::RootFs& rootfs, const char* path,
                                    std::string_view name) {
    if (const auto value = number(name)) return *value;
    if (const auto line = find_line(rootfs, path, 0, name); line && line->size() > 2) {
        if (const auto value = number((*line)[2])) return *value;
    }
    return fail(ErrorCode::UserUnknown, "\"" + std::string{name} + "\"",
                std::string{"expected a number or a name in "} + path);
}

}  // namespace

Outcome<User> resolve_user(const oci::RootFs& rootfs, const std::string& text) {
    if (text.empty()) return User{};
    const std::string_view whole{text};
    const std::size_t colon = whole.find(':');
    User user;
    user.user = KOS_TRY(resolve_name(rootfs, "/etc/passwd", whole.substr(0, colon)));
    if (colon != std::string_view::npos) {
        user.group = KOS_TRY(resolve_name(rootfs, "/etc/group", whole.substr(colon + 1)));
        return user;
    }
    const auto line = find_line(rootfs, "/etc/passwd", 2, std::to_string(user.user));
    if (line && line->size() > 3) user.group = number((*line)[3]).value_or(0);
    return user;
}

}  // namespace kos::pack
