// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/invocation.hpp"

#include "hostsim/kernel/message.hpp"
#include "hostsim/kernel/scheduler.hpp"
#include "hostsim/kernel/state.hpp"

namespace kos::sim {

Word Invocation::word(unsigned index) const {
    const Thread& invoker = *state.current();
    return get_word(invoker, send_buffer(state, invoker), index);
}

Slot* Invocation::extra_cap(unsigned index) const { return state.extra_caps[index]; }

bool Invocation::carries(unsigned words, unsigned caps) const {
    return length >= words && (caps == 0 || extra_cap(caps - 1) != nullptr);
}

void Invocation::answer(std::initializer_list<Word> words) const {
    if (is_call) answer_words(state, *state.current(), words);
    // The empty answer that follows an invocation is for those that may be made again.
    set_thread_state(state, state.current(), ThreadState::Running);
}

}  // namespace kos::sim
