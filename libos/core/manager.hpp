// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The requests of lib/native/manager.hpp as functions. Each is one Call on the calling thread's
// endpoint of the manager.
#pragma once

#include "lib/base/bytes.hpp"
#include "libos/core/answer.hpp"
#include "libos/core/range.hpp"

#include <string_view>

namespace kos::libos::manager {

/// The counter's value at the app's latest first instruction, libos's or the program's: every
/// request but write and log carries it from now on (native::progress_word).
void set_progress(std::uint64_t counter);

[[noreturn]] void exit(Word wait_status);
/// Writes all of `bytes`, in as many requests as it takes; `stream` is 1 or 2.
Outcome<Word> write(Word stream, Bytes bytes);
Outcome<void> map(Range range, Word protection);
Outcome<void> unmap(Range range);
Outcome<void> protect(Range range, Word protection);
Outcome<void> commit(Range range);
/// The number of a thread that may be started.
Outcome<Word> reserve_thread();
Outcome<void> start_thread(Word number);
[[noreturn]] void exit_thread();
/// Signals the calling thread's notification when the counter reaches `deadline`.
void set_timer(std::uint64_t deadline);
/// Bit n − 1: signal n is ignored, so that one from outside does not end the app.
void ignore_signals(std::uint64_t set);
/// A line for the system's log; what does not fit in one message is cut off.
void log(std::string_view text);

}  // namespace kos::libos::manager
