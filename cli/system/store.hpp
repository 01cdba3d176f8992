// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The local image store: OCI layouts by name, put there by `kos import`.
//
//   FOLDER/apps%2fclient:latest/layout    a layout's directory or tar, as it was imported
//                              /tag       the image in it, where it was given with a tag
#pragma once

#include "cli/oci/reference.hpp"
#include "lib/base/error.hpp"
#include "lib/manifest/image.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace kos::system {

class Store {
   public:
    explicit Store(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Checks the image whole, then copies its layout; an image of that name is replaced at
    /// once: whoever looks meanwhile finds it or the new one. KOS-E-USAGE where \p name can be
    /// none; what loading an image fails with.
    Outcome<void> import(const oci::ImageReference& from, std::string_view name) const;

    /// KOS-E-NOT-LOCAL. A name without a tag has the tag "latest", a trailing "/." means nothing.
    Outcome<oci::ImageReference> find(std::string_view name) const;

   private:
    std::filesystem::path folder_;
};

/// An image of the store, as people call it.
struct StoredName {
    std::string_view name;
    std::optional<manifest::AppKind> kind{};  ///< that its scheme decides on
};
/// Of kos:NAME, which is to run natively, docker:NAME, in a microVM, or NAME.
[[nodiscard]] StoredName stored_name(std::string_view image);

/// KOS_IMAGES, $XDG_DATA_HOME/kos/images, or ~/.local/share/kos/images.
[[nodiscard]] std::filesystem::path store_folder();

}  // namespace kos::system
