// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/name.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <random>

namespace kos::instance {

namespace {

bool is_first(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_further(char c) { return is_first(c) || c == '_' || c == '.' || c == '-'; }

/// The last part of "oci:path/of/hello:latest".
std::string_view base_of(std::string_view image) {
    while (image.ends_with('/')) image.remove_suffix(1);
    const std::size_t slash = image.rfind('/');
    if (slash != image.npos) {
        image.remove_prefix(slash + 1);
    } else if (const std::size_t scheme = image.find(':'); scheme != image.npos) {
        image.remove_prefix(scheme + 1);
    }
    return image.substr(0, image.find(':'));
}

}  // namespace

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_name && is_first(text.front()) &&
           std::all_of(text.begin(), text.end(), is_further);
}

Outcome<std::string> checked_name(std::string text) {
    if (!is_name(text)) return fail(ErrorCode::InstanceName, text.empty() ? "(empty)" : text);
    return text;
}

std::string make_name(std::string_view image) {
    std::string name;
    for (const char c : base_of(image).substr(0, 40)) {
        if (name.empty() ? is_first(c) : is_further(c)) name += c;
    }
    if (name.empty()) name = "instance";
    std::array<char, 16> number{};
    std::snprintf(number.data(), number.size(), "-%06x", std::random_device{}() & 0xff'ffff);
    return name + number.data();
}

Outcome<Selector> parse_selector(std::string_view text) {
    const std::size_t slash = text.find('/');
    Selector selector;
    selector.instance = KOS_TRY(checked_name(std::string{text.substr(0, slash)}));
    if (slash != text.npos) {
        // Looked up, and never a path: services have names that instances cannot have.
        selector.app = text.substr(slash + 1);
        if (selector.app.empty()) return fail(ErrorCode::InstanceName, std::string{text});
    }
    return selector;
}

}  // namespace kos::instance
