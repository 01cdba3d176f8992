// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes as a native app's initrd: its packages are listed or it is refused, what is kept of it
// is no more than it has, and what it calls its packages becomes JSON.
#include "cli/sbom/component.hpp"
#include "cli/sbom/package_files.hpp"
#include "lib/base/panic.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>

namespace {

using namespace kos;  // NOLINT(google-build-using-namespace): a program's own file
using Json = nlohmann::ordered_json;

std::size_t bytes_in(const oci::Node& node) {
    std::size_t bytes = node.content.size();
    for (const auto& [name, entry] : node.children) bytes += bytes_in(*entry.node);
    return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto tree = sbom::package_files(std::as_bytes(std::span{data, size}));
    if (!tree) return 0;
    if (bytes_in(tree->root()) > size) panic("more is kept than the initrd has");
    const Json document = sbom::document_of("fuzz", sbom::package_components(*tree), "1");
    const std::string text = document.dump(2, ' ', false, Json::error_handler_t::replace);
    if (!Json::accept(text)) panic("the document is no JSON");
    return 0;
}
