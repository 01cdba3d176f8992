// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/report/layout.hpp"

#include "lib/manifest/names.hpp"

#include <string>

namespace kos::report {
namespace {

std::string access_text(std::uint8_t access) {
    std::string text = "---";
    if ((access & manifest::access::read) != 0) text[0] = 'r';
    if ((access & manifest::access::write) != 0) text[1] = 'w';
    if ((access & manifest::access::execute) != 0) text[2] = 'x';
    return text;
}

}  // namespace

std::vector<manifest::Mapping> mappings_of(const manifest::ImageView& image, std::uint32_t app) {
    const manifest::App record = image.app(app);
    std::vector<manifest::Mapping> mappings;
    for (std::uint32_t i = 0; i < record.mappings.count; ++i) {
        mappings.push_back(image.mapping(record, i));
    }
    return mappings;
}

nlohmann::ordered_json layout_to_json(const manifest::ImageView& image, std::uint32_t app) {
    nlohmann::ordered_json array = nlohmann::ordered_json::array();
    for (const manifest::Mapping& mapping : mappings_of(image, app)) {
        array.push_back({
            {"address", std::uint64_t{mapping.address}},
            {"size", std::uint64_t{mapping.size}},
            {"access", access_text(mapping.access)},
            {"page_size", std::uint64_t{1} << mapping.page_bits},
            {"kind", manifest::name_of(static_cast<manifest::MappingKind>(mapping.kind))},
            {"source", manifest::name_of(static_cast<manifest::MappingSource>(mapping.source))},
        });
    }
    return array;
}

}  // namespace kos::report
