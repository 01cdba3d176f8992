// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `files`: what else the guest's root filesystem has, which containers see by `binds`.
#pragma once

#include "cli/compose/value.hpp"
#include "cli/oci/rootfs.hpp"
#include "lib/base/error.hpp"

#include <filesystem>
#include <string>

namespace kos::linuxkit {

/// \p folder: from where a relative `source` is looked for. \p document: the file's text, for
/// `metadata: yaml`.
[[nodiscard]] Outcome<oci::RootFs> files_of(const compose::Value& list,
                                            const std::filesystem::path& folder,
                                            const std::string& document);

}  // namespace kos::linuxkit
