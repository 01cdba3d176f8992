// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any text at all as each JSON document of an image, and as its labels: a value or an error, and no
// settings that break the rules of the table.

#include "cli/oci/labels.hpp"
#include "lib/base/panic.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace kos;

void check(const Outcome<oci::AppSettings>& settings) {
    if (!settings) return;
    if (settings->priority > settings->max_priority ||
        settings->max_priority > manifest::priority_ceiling) {
        panic("a priority above its maximum was accepted");
    }
    if (settings->threads == 0) panic("an app without threads was accepted");
    for (const std::string& protocol : settings->publishes) {
        if (protocol.empty()) panic("a protocol without a name was accepted");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text(std::as_bytes(std::span{data, size}));
    (void)oci::parse_index(text, "index");
    (void)oci::parse_manifest(text, "manifest");
    if (const auto config = oci::parse_config(text, "config")) {
        check(oci::parse_settings(config->labels, {}));
    }
    if (const auto labels = oci::parse_labels(text, "labels")) {
        check(oci::parse_settings(*labels, {}));
    }
    if (const auto spec = oci::parse_spec(text, "spec")) check(oci::parse_settings({}, *spec));
    return 0;
}
