// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a new thread starts with: its parent's registers, answer 0, a stack and a thread pointer.
#pragma once

#include "lib/native/thread_block.hpp"
#include "libos/core/answer.hpp"

namespace kos::libos {

struct NewThread {
    Word stack;
    Word thread_pointer;
    std::uint32_t id;
};

/// What the block of thread `number` says of where things are.
void name_block(native::ThreadBlock& block, Word number);
/// Fills the block of thread `number`, so that it leaves libos where `parent` will.
void fill_block(Word number, const NewThread& request, const native::ThreadBlock& parent);

/// Answers that do not change, so that stubs give them without entering libos: those of thread
/// \p id of the process.
void fill_known(native::ThreadBlock& block, std::uint32_t id);

}  // namespace kos::libos
