// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The pages that tell an app how it was started: its main stack with argv, environment and
// auxiliary vector, and libos's process information (lib/native/process_info.hpp).
#pragma once

#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

namespace kos::rootserver {

/// Writes them into the app's frames, which must not be mapped yet. \p start_number: how often the
/// app was started before; each start gets random numbers of its own.
Attempt<> fill_start_pages(const Root& root, const App& app, std::uint32_t start_number);

/// Of a message server, whose page of process information holds no more than a seed.
Attempt<> fill_seed_page(const Root& root, const App& app, std::uint32_t start_number);

}  // namespace kos::rootserver
