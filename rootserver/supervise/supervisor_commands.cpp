// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What commands want of apps' lives: starting, stopping, restarting, all of them or one.
#include "lib/msg/guest_stream.hpp"
#include "rootserver/spawn/mailbox.hpp"
#include "rootserver/spawn/spawn.hpp"
#include "rootserver/supervise/supervisor.hpp"

#include <initializer_list>

namespace kos::rootserver {

namespace {

using msg::AppState;
using msg::CommandResult;

constexpr std::uint64_t set_of(std::initializer_list<unsigned> signals) {
    std::uint64_t set = 0;
    for (const unsigned signal : signals) set |= std::uint64_t{1} << (signal - 1);
    return set;
}
/// CHLD, CONT, TSTP, TTIN, TTOU, URG, WINCH: without a handler they do nothing here (signal(7)).
constexpr std::uint64_t signals_without_effect = set_of({17, 18, 20, 21, 22, 23, 28});
/// KILL, and STOP, which nothing could resume from.
constexpr std::uint64_t never_ignored = set_of({9, 19});
constexpr auto killed = static_cast<std::uint32_t>(Signal::Kill);

}  // namespace

CommandResult Supervisor::stop_app(std::uint8_t number, std::uint32_t signal,
                                   std::uint32_t milliseconds, Then then) {
    const manifest::App record = parts_.root.image.manifest().app(number);
    if (signal == msg::StopCommand::own_signal) signal = record.stop_signal;
    if (milliseconds == msg::StopCommand::own_grace) milliseconds = record.stop_grace;
    if (signal > manifest::max_signal) return CommandResult::Malformed;
    Life& life = lives_[number];
    App* app = running_app(number);
    if (app == nullptr) {
        const bool waits = life.is_pending();
        cancel_start(number);
        has_changed_ |= waits;
        return waits ? CommandResult::Done : CommandResult::NotRunning;
    }
    if (then == Then::Stay) cancel_start(number);
    life.is_told_to_restart = then == Then::Start;
    const std::uint64_t bit = std::uint64_t{1} << (signal - 1);
    if (app->is_microvm() && (never_ignored & bit) == 0) {
        app->pending_signals |= bit;
        sel4::signal(sel4::Cap<sel4::Notification>{app->object(caps::ObjectKind::Notification)});
    } else if (((app->ignored_signals | signals_without_effect) & ~never_ignored & bit) == 0) {
        life.is_told_to_stop = true;
        finish(*app, signal);
        return CommandResult::Done;
    }
    if (milliseconds != msg::StopCommand::never) {
        life.is_told_to_stop = true;
        life.kill_at = parts_.clock.now() + milliseconds * parts_.clock.hz / 1000;
        timer_is_new_ = true;
    }
    return CommandResult::Done;
}

CommandResult Supervisor::let_start(std::uint8_t number) {
    if (is_ending_) return CommandResult::NotRunning;
    Life& life = lives_[number];
    if (running_app(number) != nullptr) {
        // One that is on its way to its end comes back.
        life.is_told_to_restart = life.is_told_to_stop || is_stopping_all_;
        return CommandResult::Done;
    }
    life.restarts = 0;
    life.state = AppState::Waiting;
    for (std::uint32_t on = number; on-- > 0;) {
        Life& other = lives_[on];
        if (apps_[on].is_running || other.is_pending() || !is_waited_for(on, number)) continue;
        other.restarts = 0;
        other.state = AppState::Waiting;
    }
    has_changed_ = true;
    return CommandResult::Done;
}

CommandResult Supervisor::restart_app(std::uint8_t number, std::uint32_t signal,
                                      std::uint32_t milliseconds) {
    if (running_app(number) == nullptr || is_ending_) return let_start(number);
    return stop_app(number, signal, milliseconds, Then::Start);
}

CommandResult Supervisor::remove_app(std::uint8_t number) {
    Life& life = lives_[number];
    if (running_app(number) != nullptr || life.is_pending()) return CommandResult::Running;
    if (Attempt<> given = release(parts_.root, apps_[number]); !given) report(given.error());
    life = {};
    return CommandResult::Done;
}

CommandResult Supervisor::stop_all(const msg::StopCommand& how) {
    if (how.signal > manifest::max_signal) return CommandResult::Malformed;
    stop_all_ = how;
    is_stopping_all_ = has_changed_ = true;
    for (std::uint32_t i = 0; i < app_count(); ++i) cancel_start(static_cast<std::uint8_t>(i));
    return CommandResult::Done;
}

CommandResult Supervisor::shut_down() {
    is_ending_ = true;
    msg::StopCommand own;
    own.signal = msg::StopCommand::own_signal;
    own.milliseconds_to_kill = msg::StopCommand::own_grace;
    return stop_all(own);
}

CommandResult Supervisor::kill_all() {
    for (std::uint32_t i = app_count(); i-- > 0;) {
        (void)stop_app(static_cast<std::uint8_t>(i), killed, msg::StopCommand::never);
    }
    return CommandResult::Done;
}

CommandResult Supervisor::pass_to_guest(std::uint8_t number, Bytes piece) {
    const App* app = running_app(number);
    if (app == nullptr || !app->talks_to_host()) return CommandResult::NotRunning;
    if (piece.size() > msg::max_to_guest) return CommandResult::Malformed;
    const auto posted = post_to_vmm(parts_.root, *app, piece);
    if (!posted) report(posted.error());
    return posted && *posted ? CommandResult::Done : CommandResult::Busy;
}

}  // namespace kos::rootserver
