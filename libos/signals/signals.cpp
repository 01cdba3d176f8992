// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/signals/signals.hpp"

#include "libos/core/manager.hpp"

#include <utility>

namespace kos::libos {

namespace {

/// Signals that do nothing where no handler is set: to ignore, to stop (nobody could resume the
/// app) or to resume.
bool harmless_by_default(int signal) {
    switch (signal) {
        case abi::signal::child:
        case abi::signal::urgent:
        case abi::signal::window:
        case abi::signal::resume:
        case abi::signal::stop:
        case abi::signal::terminal_stop:
        case abi::signal::terminal_in:
        case abi::signal::terminal_out:
            return true;
        default:
            return false;
    }
}

}  // namespace

abi::SignalAction Signals::action(int signal) {
    const Locked locked(lock_);
    return actions_[static_cast<std::size_t>(signal)];
}

void Signals::set_action(int signal, const abi::SignalAction& action) {
    const Locked locked(lock_);
    actions_[static_cast<std::size_t>(signal)] = action;
    const std::uint64_t bit = std::uint64_t{1} << (signal - 1);
    const bool ignored = action.handler == abi::SignalAction::ignore;
    const std::uint64_t now_ignored = ignored ? ignored_ | bit : ignored_ & ~bit;
    if (std::exchange(ignored_, now_ignored) != now_ignored) manager::ignore_signals(now_ignored);
}

SignalFate Signals::fate(int signal) {
    if (signal == abi::signal::kill) return SignalFate::Fatal;
    const std::uint64_t handler = action(signal).handler;
    if (handler == abi::SignalAction::ignore) return SignalFate::Ignored;
    if (handler != abi::SignalAction::default_handler) return SignalFate::Handled;
    return harmless_by_default(signal) ? SignalFate::Ignored : SignalFate::Fatal;
}

}  // namespace kos::libos
