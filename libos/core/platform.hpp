// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What libos asks of the program that it is part of: the running thread's block, the counter, the
// end. entry/platform.cpp answers on a target, core/fake_platform.cpp in tests.
#pragma once

#include "lib/native/thread_block.hpp"

#include <cstdint>

namespace kos::libos {

/// The block of the calling thread (TPIDRRO_EL0).
native::ThreadBlock& current_block();

/// The counter that ProcessInfo::counter_hz is of.
std::uint64_t read_counter();
/// The same before there is a process, by its ProcessInfo::virtual_counter.
std::uint64_t read_counter(bool virtual_view);

/// Starts the program once libos is ready, with its stack pointer and an empty register set.
[[noreturn]] void enter_program(std::uint64_t entry, std::uint64_t stack_pointer);

}  // namespace kos::libos
