// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Messages: words in registers and IPC buffers, and the capabilities that travel with them
// (manual §4.2).
#pragma once

#include "hostsim/kernel/state.hpp"

#include <initializer_list>

namespace kos::sim {

/// The thread's IPC buffer in the host's memory; nullptr where it has none it may use. A receiver's
/// must be writable.
[[nodiscard]] sel4::IpcBuffer* receive_buffer(const State& state, const Thread& thread);
[[nodiscard]] sel4::IpcBuffer* send_buffer(const State& state, const Thread& thread);

/// Puts a word of a message in its place; returns the length that the message has then.
unsigned set_word(Thread& receiver, sel4::IpcBuffer* buffer, unsigned index, Word value);
/// Word `index` of the message that `sender` sends.
[[nodiscard]] Word get_word(const Thread& sender, const sel4::IpcBuffer* buffer, unsigned index);

/// The kernel answers `thread`'s invocation with success and these words.
void answer_words(const State& state, Thread& thread, std::initializer_list<Word> words);

/// Looks up the capabilities of the message that `sender` sends into State::extra_caps. The address
/// that failed where one does.
struct ExtraCapFailure {
    Word cptr;
    LookupFault fault;
};
[[nodiscard]] std::optional<ExtraCapFailure> look_up_extra_caps(State& state, Thread& sender);

/// Moves the message of `sender`, or its fault, to `receiver`. `endpoint`: it was sent through, or
/// nullptr for an answer.
void transfer_message(State& state, Thread& sender, const Endpoint* endpoint, Word badge,
                      bool can_grant, Thread& receiver);

}  // namespace kos::sim
