// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a capability does when it is invoked.
#pragma once

#include "hostsim/kernel/state.hpp"

namespace kos::sim {

struct InvokeMode {
    bool is_call = false;
    bool blocking = false;
    bool can_donate = false;
    bool first_phase = false;  ///< of a system call that then receives
};

/// The current thread invokes `cptr` with the message in its registers and IPC buffer.
void invoke(State& state, Word cptr, const InvokeMode& mode);

}  // namespace kos::sim
