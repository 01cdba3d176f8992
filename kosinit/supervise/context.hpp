// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the parts of kosinit share: one thread, one loop.
#pragma once

#include "kosinit/supervise/children.hpp"
#include "kosinit/supervise/journal.hpp"
#include "kosinit/supervise/launcher.hpp"
#include "kosinit/supervise/timers.hpp"
#include "lib/linux/event_loop.hpp"

namespace kos::init {

struct Context {
    sys::EventLoop& loop;
    Timers& timers;
    Journal& journal;
    Children& children;
    Launcher& launcher;
};

}  // namespace kos::init
