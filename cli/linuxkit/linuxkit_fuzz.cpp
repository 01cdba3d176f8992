// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A LinuxKit file from anywhere: read to containers or refused with a place, never more; what
// becomes config.json is JSON, and no two containers have one folder.
#include "cli/linuxkit/layout.hpp"
#include "cli/linuxkit/test_image.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdlib>
#include <set>

namespace {

using namespace kos;  // NOLINT(google-build-using-namespace): a program's own file

bool is_json_or_nothing(const std::string& text) {
    return text.empty() || nlohmann::json::accept(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto loaded = linuxkit::parse_layout({reinterpret_cast<const char*>(data), size},
                                               "/nowhere/fuzz.yml", linuxkit::test_image);
    if (!loaded) return 0;
    std::set<std::string> folders;
    for (const pack::GuestContainer& each : loaded->layout.containers) {
        if (!folders.insert(each.folder).second) std::abort();
        if (each.config.empty() || !nlohmann::json::accept(each.config)) std::abort();
        if (!is_json_or_nothing(each.runtime) || !is_json_or_nothing(each.service)) std::abort();
    }
    return 0;
}
