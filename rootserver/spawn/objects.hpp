// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An app's memory and kernel objects: reserved and made at spawn, all of them, exactly as its
// manifest counts them; taken back by one revoke per untyped.
#pragma once

#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

namespace kos::rootserver {

/// Reserves the app's untypeds unless it kept them, makes its object CNode from the first and its
/// objects from the others. Counts what it makes in `app.usage`. After a failure, release_objects()
/// undoes it.
Attempt<> make_objects(const Root& root, App& app);

/// Everything that was made from the app's untypeds goes, and with it every capability in its
/// object CNode; the untypeds are free again. A revoke that fails is tried once more.
Attempt<> release_objects(const Root& root, App& app);

/// Likewise, but the untypeds stay the app's.
Attempt<> revoke_objects(const Root& root, App& app);

}  // namespace kos::rootserver
