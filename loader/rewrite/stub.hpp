// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The stubs that rewritten instructions branch to, word by word.
#pragma once

#include "loader/rewrite/instruction.hpp"

#include <array>
#include <cstddef>

namespace kos::rewrite {

inline constexpr std::size_t common_words = 3, system_call_words = 7, thread_pointer_words = 6,
                             known_call_words = 2 * system_call_words;

/// The part that all system-call stubs share; \p from it they go to libos.
[[nodiscard]] std::array<Instruction, common_words> common_stub();
/// The stub at \p stub for the `svc` at \p site.
[[nodiscard]] std::array<Instruction, system_call_words> system_call_stub(VirtualAddress stub,
                                                                          VirtualAddress common,
                                                                          VirtualAddress site);
/// The same where x8 is probably \p number, a call whose answer the thread block knows: the stub
/// asks nobody then. Any other number in x8 goes the way of every call.
[[nodiscard]] std::array<Instruction, known_call_words> known_call_stub(VirtualAddress stub,
                                                                        VirtualAddress common,
                                                                        VirtualAddress site,
                                                                        unsigned number);
/// The stub at \p stub for the `msr tpidr_el0, source` at \p site.
[[nodiscard]] std::array<Instruction, thread_pointer_words> thread_pointer_stub(
    VirtualAddress stub, Register source, VirtualAddress site);

}  // namespace kos::rewrite
