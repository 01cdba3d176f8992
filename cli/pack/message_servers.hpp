// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Message servers on their way into a system image.
#pragma once

#include "cli/pack/image_builder.hpp"
#include "cli/pack/networks.hpp"

namespace kos::pack {

/// Adds them as the image's first apps. \p elf: the content of msgserver.elf.
Outcome<void> add_message_servers(const std::vector<ServerPlan>& servers, const std::string& elf,
                                  ImageBuilder& builder);

}  // namespace kos::pack
