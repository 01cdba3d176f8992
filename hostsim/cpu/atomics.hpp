// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// LDADD and its siblings, SWP, CAS, CASP (FEAT_LSE) and LDAPR (FEAT_LRCPC). One host thread runs
// all simulated threads, so a read followed by a write is atomic, and every ordering is the
// strongest. Left out: the alignment fault of an unaligned atomic.
#pragma once

#include "hostsim/cpu/interpreter.hpp"

namespace kos::sim {

[[nodiscard]] Interpreted interpret_atomic(std::uint32_t instruction, InterpreterState& state);

}  // namespace kos::sim
