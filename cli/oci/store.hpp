// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The files of an OCI image layout, in a directory or in an uncompressed tar. Nothing here looks at
// what they mean; cli/oci/layout.hpp does.
#pragma once

#include "lib/base/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace kos::oci {

class Store {
   public:
    virtual ~Store() = default;

    /// Bytes of the file \p name (such as "index.json"); nothing where there is no such file.
    [[nodiscard]] virtual std::optional<std::uint64_t> size(const std::string& name) const = 0;

    /// The whole file; KOS-E-FILE where it cannot be read.
    [[nodiscard]] virtual Outcome<std::string> read(const std::string& name) const = 0;
};

/// KOS-E-LAYOUT where \p path is neither a directory nor an uncompressed tar.
Outcome<std::unique_ptr<Store>> open_store(const std::string& path);

}  // namespace kos::oci
