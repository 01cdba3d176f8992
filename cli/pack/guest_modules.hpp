// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The modules of a Linux kernel that guests need, and what these need in turn (the `depends` of
// their .modinfo section).
#pragma once

#include "lib/base/error.hpp"

#include <string>
#include <vector>

namespace kos::pack {

struct GuestModule {
    std::string path;  ///< below lib/modules/RELEASE
    std::string content;
};

struct GuestModules {
    std::string release;
    std::vector<GuestModule> modules;  ///< what a module needs before it
    std::string dependencies;          ///< modules.dep
};

/// \p folder has lib/modules/RELEASE; none where the kernel has everything built in.
Outcome<GuestModules> find_guest_modules(const std::string& folder);

}  // namespace kos::pack
