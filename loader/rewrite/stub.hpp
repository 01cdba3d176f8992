// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The stubs that rewritten instructions branch to, word by word.
#pragma once

#include "loader/rewrite/instruction.hpp"

#include <array>
#include <cstddef>

namespace kos::rewrite {

inline constexpr std::size_t common_words = 3, system_call_words = 7, thread_pointer_words = 6;

/// The part that all system-call stubs share; \p from it they go to libos.
[[nodiscard]] std::array<Instruction, common_words> common_stub();
/// The stub at \p stub for the `svc` at \p site.
[[nodiscard]] std::array<Instruction, system_call_words> system_call_stub(VirtualAddress stub,
                                                                          VirtualAddress common,
                                                                          VirtualAddress site);
/// The stub at \p stub for the `msr tpidr_el0, source` at \p site.
[[nodiscard]] std::array<Instruction, thread_pointer_words> thread_pointer_stub(
    VirtualAddress stub, Register source, VirtualAddress site);

}  // namespace kos::rewrite
