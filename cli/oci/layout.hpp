// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An OCI image layout (image-layout.md): finds an image in it and reads blobs, each of which is
// held to the size and digest of the descriptor that names it. Blobs that nothing refers to are
// left alone.
#pragma once

#include "cli/oci/descriptor.hpp"
#include "cli/oci/store.hpp"

#include <memory>
#include <optional>
#include <string>

namespace kos::oci {

class Layout {
   public:
    /// KOS-E-LAYOUT where \p path holds no layout, or one of a version that is not 1.
    static Outcome<Layout> open(const std::string& path);

    /// The manifest of the linux/arm64 image that \p tag names; without a tag, of the only image.
    /// Nested indexes are followed.
    Outcome<Descriptor> find(const std::optional<std::string>& tag) const;

    /// A blob, verified. \p what it is ("config", "layer 0") stands in errors.
    Outcome<std::string> read(const Descriptor& descriptor, const std::string& what) const;

   private:
    Layout(std::string path, std::unique_ptr<Store> store)
        : path_(std::move(path)), store_(std::move(store)) {}

    Outcome<Descriptor> select(std::vector<Descriptor> candidates, unsigned depth) const;

    std::string path_;
    std::unique_ptr<Store> store_;
};

}  // namespace kos::oci
