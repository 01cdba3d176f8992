// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A system image as `kos inspect` shows it: each app's capability manifest and VSpace layout,
// before anything runs.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"
#include "lib/manifest/view.hpp"
#include "lib/sel4/abi.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace kos::report {

/// The checked view of \p image; KOS-E-SYSTEM-IMAGE, KOS-E-SYSTEM-IMAGE-VERSION. \p where names the
/// image in errors.
Outcome<manifest::ImageView> open_system_image(Bytes image, const std::string& where);

[[nodiscard]] std::string inspect_to_text(const manifest::ImageView& image,
                                          const sel4::KernelAbi& abi);
[[nodiscard]] nlohmann::ordered_json inspect_to_json(const manifest::ImageView& image,
                                                     const sel4::KernelAbi& abi);

/// As printed: indented, with a newline. A name that is not UTF-8 gets U+FFFD for what is not.
[[nodiscard]] std::string printed(const nlohmann::ordered_json& json);

/// Whether the apps of \p image can fit in \p memory bytes at all; KOS-E-UNTYPED with the shortfall
/// where they cannot. The kernel and the root server take some more: the root server has the last
/// word.
Outcome<void> admit(const manifest::ImageView& image, const sel4::KernelAbi& abi,
                    std::uint64_t memory);

}  // namespace kos::report
