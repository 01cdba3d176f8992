// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a packed system image is made of, as far as it still tells.
#pragma once

#include "cli/sbom/programs.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"
#include "lib/manifest/view.hpp"

#include <vector>

namespace kos::sbom {

/// kos's programs, as \p own where the image has the same bytes; else without a version, and but
/// for the root server and kosinit by their pages in the image. The guest's kernel with its
/// modules; each app by the digest of its root filesystem there, with the Debian packages in it.
/// KOS-E-SYSTEM-IMAGE where a part of \p image, which is that of \p view, is damaged.
Outcome<std::vector<Component>> packed_components(const manifest::ImageView& view, Bytes image,
                                                  const Own& own);

}  // namespace kos::sbom
