// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Signals as far as this part goes: handlers, masks and stacks are recorded and answered; no
// handler is ever called. A signal that an app sends itself ends it where its action is the default
// one and fatal, at once or when it is no longer blocked; where it has a handler, the log says that
// it was lost. It acts on the thread that sends it, whichever it names.
#pragma once

#include "libos/abi/thread.hpp"
#include "libos/core/answer.hpp"
#include "libos/core/lock.hpp"

#include <array>

namespace kos::libos {

enum class SignalFate { Ignored, Fatal, Handled };

class Signals {
   public:
    static constexpr std::size_t mask_size = 8;  ///< bytes, the only size Linux takes

    [[nodiscard]] static bool valid(int signal) {
        return signal >= 1 && signal <= abi::signal::highest;
    }
    [[nodiscard]] abi::SignalAction action(int signal);
    /// The manager is told of a change of what is ignored: it ends the app on signals from outside.
    void set_action(int signal, const abi::SignalAction& action);
    /// What a signal does that is not blocked.
    [[nodiscard]] SignalFate fate(int signal);

   private:
    Lock lock_;
    std::array<abi::SignalAction, abi::signal::highest + 1> actions_{};
    std::uint64_t ignored_ = 0;  ///< bit n − 1: signal n
};

}  // namespace kos::libos
