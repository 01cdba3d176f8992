// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Applies layers to a root filesystem (OCI image specification, layer.md): additions, changes,
// whiteouts (.wh.NAME), opaque directories (.wh..wh..opq), hard links.
//
// A whiteout hides what lower layers hold and nothing of its own layer, wherever in the tar it
// stands. Absolute paths and ".." are refused. A path through a symbolic link goes where the link
// leads within the root, as umoci and docker have it: layers of a tool that wrote to /lib/x where
// /lib is a link hold such paths. The last name of a path is never followed.
#pragma once

#include "cli/oci/archive.hpp"
#include "cli/oci/rootfs.hpp"

#include <cstdint>
#include <string>

namespace kos::oci {

/// What an image may make us hold: KOS-E-LAYER above it.
struct LayerLimits {
    std::uint64_t unpacked_bytes = 2ull << 30;  ///< of one layer's tar
    std::uint64_t content_bytes = 2ull << 30;   ///< of all files and extended attributes
    std::uint64_t entries = 1u << 20;
    std::uint64_t path_bytes = 4096;
    std::uint64_t path_names = 128;
};

class LayerApplier {
   public:
    LayerApplier(RootFs& rootfs, const LayerLimits& limits) : rootfs_(rootfs), limits_(limits) {}

    /// Applies the next layer, an uncompressed tar. \p where names it in errors. After an error the
    /// tree is of no use.
    Outcome<void> apply(Bytes tar, const std::string& where);

   private:
    Outcome<void> apply_entry(TarReader& tar, const std::string& where);
    Outcome<Node*> parent_of(const std::string& directory, const std::string& where);
    Outcome<void> link(TarReader& tar, Node& parent, const std::string& name,
                       const std::string& where);
    Outcome<void> put(TarReader& tar, Node& parent, const std::string& name,
                      const std::string& where);
    Outcome<void> fill(TarReader& tar, Node& node, const std::string& where);
    Outcome<void> charge(std::uint64_t bytes, const std::string& where);
    void white_out(const std::string& directory, const std::string& name);
    void remove_lower(Node& directory, const std::string& name);

    RootFs& rootfs_;
    LayerLimits limits_;
    unsigned layer_ = 0;  ///< number of the one being applied, from 1
    std::uint64_t entries_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace kos::oci
