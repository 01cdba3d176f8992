// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes at all as two layers, one upon the other: a tree whose names stay within it and whose
// content stays within the limits, or an error.

#include "cli/oci/layer.hpp"

#include "lib/base/panic.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace kos;

constexpr oci::LayerLimits limits{.unpacked_bytes = 1 << 20,
                                  .content_bytes = 1 << 16,
                                  .entries = 256,
                                  .path_bytes = 512,
                                  .path_names = 16};

void check(const oci::Node& directory, unsigned depth) {
    if (depth > limits.path_names) panic("the tree is deeper than its limit");
    for (const auto& [name, entry] : directory.children) {
        if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
            panic("a name that could leave its directory");
        }
        if (!entry.node) panic("a name without a node");
        if (entry.node->content.size() > limits.content_bytes) panic("a file above the limit");
        check(*entry.node, depth + 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes tar = std::as_bytes(std::span{data, size});
    oci::RootFs rootfs;
    oci::LayerApplier applier{rootfs, limits};
    const bool applied = applier.apply(tar, "layer 0") && applier.apply(tar, "layer 1");
    if (applied) check(rootfs.root(), 0);
    return 0;
}
