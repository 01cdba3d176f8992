// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Networks of microVMs alone, on targets that have no switch for them.
#pragma once

#include "lib/base/error.hpp"
#include "lib/manifest/view.hpp"

#include <string>
#include <vector>

namespace kos::system {

/// KOS-E-UNSUPPORTED where microVMs would be joined by a network that the project names; a note for
/// the network default, on which services are without being asked.
Outcome<std::vector<std::string>> refuse_switches(const manifest::ImageView& image);

}  // namespace kos::system
