// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/describe.hpp"

#include "lib/manifest/names.hpp"

#include <array>
#include <cstdio>

namespace kos::plan {

namespace {

using manifest::Mapping;

const char* page_size_name(const Mapping& mapping) {
    if (static_cast<manifest::MappingSource>(mapping.source) == manifest::MappingSource::None) {
        return "-";
    }
    return mapping.page_bits == 12 ? "4K" : "2M";
}

std::string line_of(const Mapping& mapping) {
    const auto flag = [&](std::uint8_t bit, char letter) {
        return (mapping.access & bit) != 0 ? letter : '-';
    };
    const std::uint64_t first = mapping.address;
    const std::uint64_t last = first + mapping.size - 1;
    const std::uint64_t kibibytes = mapping.size / 1024;
    std::array<char, 160> line{};
    (void)std::snprintf(
        line.data(), line.size(), "0x%010llx-0x%010llx %10llu KiB  %c%c%c  %-3s %-20s  %s\n",
        static_cast<unsigned long long>(first), static_cast<unsigned long long>(last),
        static_cast<unsigned long long>(kibibytes), flag(manifest::access::read, 'r'),
        flag(manifest::access::write, 'w'), flag(manifest::access::execute, 'x'),
        page_size_name(mapping),
        manifest::name_of(static_cast<manifest::MappingKind>(mapping.kind)).data(),
        manifest::name_of(static_cast<manifest::MappingSource>(mapping.source)).data());
    return line.data();
}

}  // namespace

std::string describe_layout(std::span<const Mapping> mappings) {
    std::string text;
    for (const Mapping& mapping : mappings) text += line_of(mapping);
    return text;
}

}  // namespace kos::plan
