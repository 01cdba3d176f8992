// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What an app has written, before it may run it. A raw `svc` never stays: its number is in x7, so
// one that was meant for Linux can be a system call of seL4, and on a kernel with debug printing
// x7 = -14 halts the machine. libos rewrites code that becomes executable; this is for the app that
// goes around libos.
#pragma once

#include "lib/sel4/types.hpp"
#include "rootserver/trouble.hpp"

namespace kos::rootserver {

/// Puts `udf` in place of each `svc` in a small frame of the app's heap, which must not be mapped
/// anywhere: nobody writes to it meanwhile.
Attempt<> remove_system_calls(sel4::Cap<sel4::Frame> frame);

}  // namespace kos::rootserver
