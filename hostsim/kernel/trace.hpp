// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Telling the invocation listener what was invoked and what came of it.
#pragma once

#include "hostsim/kernel/invocation.hpp"
#include "hostsim/kernel/state.hpp"

#include <array>

namespace kos::sim {

/// Keeps the message of an invocation, which the answer overwrites, where somebody listens.
class InvocationTrace {
   public:
    InvocationTrace(const Invocation& invocation, Word cptr);
    void report(sel4::Error error);

   private:
    State& state_;
    Thread* invoker_ = nullptr;  ///< nullptr: nobody listens
    bool is_call_ = false;
    InvocationReport report_{};
    std::array<Word, sel4::message_max_words> words_;
    std::array<Word, sel4::message_max_caps> caps_;
};

}  // namespace kos::sim
