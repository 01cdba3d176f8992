// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What happens when one of our own invariants is broken.
//
// Every program links exactly one definition of `panic_handler`: hosted programs print and abort
// (lib/base/panic_hosted.cpp); the root server prints on its console and halts; libos ends its app.
#pragma once

namespace kos {

/// Provided by the program. Must not return.
[[noreturn]] void panic_handler(const char* message);

/// Ends the program because an invariant of its own is broken: `message` says which. Never for
/// what a file, a guest or a caller did wrong: that is a Result.
[[noreturn]] inline void panic(const char* message) { panic_handler(message); }

}  // namespace kos
