// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A microVM's guest: its memory, which is a reservation of its own, and its address space.
#pragma once

#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/trouble.hpp"

namespace kos::rootserver {

/// Reserves the guest's memory in as few pieces as there are and makes large frames of it. The
/// kernel has cleared them. release_objects() undoes it.
Attempt<> make_guest_memory(const Root& root, App& app);

/// The guest's VSpace: its memory, and its part of the interrupt controller. Frames must not be
/// mapped elsewhere; the VMM has copies.
Attempt<> build_guest(const Root& root, App& app);

}  // namespace kos::rootserver
