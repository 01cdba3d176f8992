// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the host has for a VMM, handed on as it is (lib/vm/mailbox.hpp).
#pragma once

#include "lib/base/bytes.hpp"
#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

namespace kos::rootserver {

/// Puts \p piece into the mailbox of the VMM, which runs, and signals it. False where the last one
/// is still there, or \p piece does not fit.
Attempt<bool> post_to_vmm(const Root& root, const App& app, Bytes piece);

}  // namespace kos::rootserver
