// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Starting and ending of apps: by what they depend on, and by their records.
#include "rootserver/console/line.hpp"
#include "rootserver/spawn/message_server.hpp"
#include "rootserver/spawn/spawn.hpp"
#include "rootserver/supervise/restart.hpp"
#include "rootserver/supervise/supervisor.hpp"

#include <algorithm>
#include <utility>

namespace kos::rootserver {

namespace {

using msg::AppState;
using msg::Health;

constexpr auto killed = static_cast<std::uint32_t>(Signal::Kill);

/// Whether it is of no use to try again.
bool is_final(const Trouble& trouble) {
    return trouble.code == ErrorCode::ImageCorrupt || trouble.code == ErrorCode::Unsupported ||
           trouble.code == ErrorCode::GuestVolume;
}

}  // namespace

bool Supervisor::start_app(std::uint8_t number) {
    App& app = apps_[number];
    app.number = number;
    app.ignored_signals = 0;
    Life& life = lives_[number];
    const bool is_restart = std::exchange(life.is_told_to_restart, false);
    life.kill_at = life.unhealthy_at = 0;
    life.is_told_to_stop = life.was_started = false;
    life.health = Health::None;
    app.timeline = parts_.timeline;
    app.timeline.end(msg::Phase::Turn);
    Attempt<> made = spawn(parts_.root, app, bookkeeping_of(number), life.starts++);
    life.started_at = parts_.clock.now();
    if (!made) {
        describe(made.error()).fail_to(parts_.console, number);
        // It has ended before it began, and not well.
        life.ended_at = life.started_at;
        life.last_exit = {};
        life.last_exit.status = killed;
        life.is_told_to_stop = is_final(made.error());
        ended(number, killed);
        life.is_told_to_restart = is_restart && life.is_pending();
        return false;
    }
    life.state = AppState::Running;
    parts_.console.started(number, app.usage);
    if (Attempt<> started = start(app); !started) {
        kill(app, started.error());
        return false;
    }
    app.timeline.started();
    tell_message_servers(parts_.root, app);
    life.was_started = has_changed_ = true;
    if (app.record.readiness != 0) {
        life.health = Health::Starting;
        if (app.record.ready_within != 0) {
            const std::uint64_t time = app.record.ready_within * parts_.clock.hz / 1000;
            life.unhealthy_at = life.started_at + time;
            timer_is_new_ = true;
        }
    }
    if (is_restart) restart_dependents(number);
    return true;
}

void Supervisor::finish(App& app, std::uint32_t wait_status) {
    Life& life = lives_[app.number];
    life.ended_at = parts_.clock.now();
    msg::ExitRecord& record = life.last_exit;
    record.status = wait_status;
    record.heap_pages = app.pager.heap().most_in_use();
    record.heap_limit = app.pager.heap().limit();
    record.page_tables = app.pager.page_tables_in_use();
    const bool may_return = stays() || life.is_told_to_restart ||
                            pause_before_restart(app.number, wait_status).has_value();
    const auto untypeds = may_return ? Untypeds::Kept : Untypeds::GivenBack;
    if (Attempt<> stopped = stop(parts_.root, app, untypeds); !stopped) {
        describe(stopped.error()).log_to(parts_.console, app.number);
        if (is_final(stopped.error())) life.is_told_to_stop = true;
    }
    tell_message_servers(parts_.root, app);
    if (life.starts == 1) parts_.console.timings(app.number, app.timeline.record());
    parts_.console.exited(app.number, record);
    ended(app.number, wait_status);
}

std::optional<std::uint64_t> Supervisor::pause_before_restart(std::uint8_t number,
                                                              std::uint32_t wait_status) {
    Life& life = lives_[number];
    if (life.is_told_to_stop || is_stopping_all_ || is_ending_) return std::nullopt;
    const manifest::App record = parts_.root.image.manifest().app(number);
    const std::uint64_t window = record.restart_window * parts_.clock.hz / 1000;
    if (window != 0 && life.ended_at - life.started_at >= window) life.restarts = 0;
    const auto pause = restart_after(record, wait_status, life.restarts, parts_.clock.hz);
    // Not at once, whatever the record says: an app that cannot be started would keep others from
    // being served.
    return pause ? std::optional{*pause + 1} : std::nullopt;
}

void Supervisor::ended(std::uint8_t number, std::uint32_t wait_status) {
    Life& life = lives_[number];
    life.health = Health::None;
    life.kill_at = life.unhealthy_at = 0;
    has_changed_ = true;
    if (life.is_told_to_restart) {
        life.state = AppState::Waiting;
        return;
    }
    const auto pause = pause_before_restart(number, wait_status);
    life.state = pause ? AppState::Restarting : AppState::Stopped;
    if (!pause) return;
    ++life.restarts;
    life.start_at = life.ended_at + *pause;
    timer_is_new_ = true;
}

/// As of one time: what is due again by then comes by the alarm, once others have been served.
void Supervisor::settle() {
    const std::uint64_t now = parts_.clock.now();
    while (has_changed_ || timer_is_new_) {
        if (std::exchange(has_changed_, false)) {
            is_stopping_all_ ? stop_what_may() : start_what_may();
        }
        if (std::exchange(timer_is_new_, false)) serve_timers(now);
    }
}

/// One pass is enough: an app depends on those before it only.
void Supervisor::start_what_may() {
    const manifest::ImageView& image = parts_.root.image.manifest();
    for (std::uint32_t i = 0; i < app_count(); ++i) {
        if (lives_[i].state != AppState::Waiting) continue;
        const auto number = static_cast<std::uint8_t>(i);
        const Hindrance hindrance = hindrance_of(image, image.app(i), lives_);
        if (hindrance.verdict == Verdict::Go) start_app(number);
        if (hindrance.verdict == Verdict::Never) give_up_start(number, hindrance.app);
    }
}

void Supervisor::give_up_start(std::uint8_t number, std::uint32_t because_of) {
    lives_[number].give_up();
    lives_[number].was_started = false;
    has_changed_ = true;
    const ErrorEntry& entry = entry_of(ErrorCode::DependencyFailed);
    Line line;
    line.text(entry.code).text(": ").text(entry.summary).text(": ");
    line.text(name_of(static_cast<std::uint8_t>(because_of)));
    line.text("; what to do: ").text(entry.cure).fail_to(parts_.console, number);
}

bool Supervisor::depends_on(std::uint32_t dependent, std::uint32_t number,
                            std::uint8_t flags) const {
    const manifest::ImageView& image = parts_.root.image.manifest();
    const manifest::App record = image.app(dependent);
    for (std::uint32_t i = 0; i < record.dependencies.count; ++i) {
        const manifest::Dependency on = image.dependency(record, i);
        if (on.app == number && (on.flags & flags) == flags) return true;
    }
    return false;
}

bool Supervisor::has_running_dependent(std::uint32_t number) const {
    for (std::uint32_t other = number + 1; other < app_count(); ++other) {
        if (apps_[other].is_running && depends_on(other, number)) return true;
    }
    return false;
}

bool Supervisor::is_waited_for(std::uint32_t number, std::uint32_t last) const {
    const manifest::ImageView& image = parts_.root.image.manifest();
    for (std::uint32_t other = number + 1; other <= last; ++other) {
        if (lives_[other].state != AppState::Waiting) continue;
        const manifest::App record = image.app(other);
        for (std::uint32_t i = 0; i < record.dependencies.count; ++i) {
            const manifest::Dependency on = image.dependency(record, i);
            const auto condition = static_cast<manifest::Condition>(on.condition);
            const bool is_required = (on.flags & manifest::dependency_flag::required) != 0;
            if (on.app != number || !is_required) continue;
            if (condition != manifest::Condition::Completed) return true;
            if (verdict_on(lives_[number], condition) == Verdict::Never) return true;
        }
    }
    return false;
}

void Supervisor::restart_dependents(std::uint32_t number) {
    for (std::uint32_t i = number + 1; i < app_count(); ++i) {
        if (!apps_[i].is_running || !depends_on(i, number, manifest::dependency_flag::restart)) {
            continue;
        }
        (void)restart_app(static_cast<std::uint8_t>(i), msg::StopCommand::own_signal,
                          msg::StopCommand::own_grace);  // it runs, and the signal is its own
    }
}

void Supervisor::stop_what_may() {
    is_stopping_all_ = false;
    for (std::uint32_t i = app_count(); i-- > 0;) {
        if (apps_[i].is_running && !lives_[i].is_told_to_stop && !has_running_dependent(i)) {
            stop_app(static_cast<std::uint8_t>(i), stop_all_.signal, stop_all_.milliseconds_to_kill,
                     lives_[i].is_told_to_restart ? Then::Start : Then::Stay);
            lives_[i].is_told_to_stop = true;
        }
        is_stopping_all_ |= apps_[i].is_running;
    }
    // Those that were told to start meanwhile may now.
    has_changed_ |= !is_stopping_all_;
}

void Supervisor::cancel_start(std::uint8_t number) {
    Life& life = lives_[number];
    if (!life.is_pending() && !life.is_told_to_restart) return;
    life.give_up();
    parts_.console.cancelled(number);
}

void Supervisor::give_all_back() {
    for (std::uint32_t number = 0; number < app_count(); ++number) {
        if (Attempt<> given = release(parts_.root, apps_[number]); !given) report(given.error());
    }
}

void Supervisor::serve_timers(std::uint64_t now) {
    std::uint64_t next = 0;
    for (std::uint32_t i = 0; i < app_count(); ++i) {
        serve_life(static_cast<std::uint8_t>(i), now, next);
        if (apps_[i].is_running) serve_threads(apps_[i], now, next);
    }
    if (next == 0) return;
    if (const Attempt<> armed = parts_.alarm.arm(next); !armed) report(armed.error());
}

namespace {

/// Notes a time to come.
void note(std::uint64_t time, std::uint64_t& next) {
    if (next == 0 || time < next) next = time;
}

}  // namespace

void Supervisor::serve_life(std::uint8_t number, std::uint64_t now, std::uint64_t& next) {
    Life& life = lives_[number];
    if (life.state == AppState::Restarting) {
        life.start_at <= now ? (void)start_app(number) : note(life.start_at, next);
    }
    if (life.kill_at != 0) {
        life.kill_at <= now ? finish(apps_[number], killed) : note(life.kill_at, next);
    }
    if (life.unhealthy_at == 0) return;
    if (life.unhealthy_at > now) return note(life.unhealthy_at, next);
    life.unhealthy_at = 0;
    life.health = Health::Unhealthy;
    has_changed_ = true;
}

void Supervisor::serve_threads(App& app, std::uint64_t now, std::uint64_t& next) {
    for (std::uint64_t thread = 0; thread < app.record.threads; ++thread) {
        std::uint64_t& deadline = app.threads[thread].deadline;
        if (deadline == 0) continue;
        if (deadline > now) {
            note(deadline, next);
            continue;
        }
        deadline = 0;
        sel4::signal(
            sel4::Cap<sel4::Notification>{app.object(caps::ObjectKind::Notification, thread)});
    }
}

void Supervisor::app_is_ready(std::uint8_t number) {
    Life& life = lives_[number];
    if (life.state != AppState::Running || life.health == Health::None) return;
    life.health = Health::Healthy;
    life.unhealthy_at = 0;
    has_changed_ = true;
}

bool Supervisor::stays() const {
    const std::uint32_t flags = parts_.root.image.manifest().header().flags;
    return (flags & manifest::system_flag::stays) != 0 && parts_.console_source && !is_ending_;
}

bool Supervisor::any_left() const {
    const auto is_left = [](const Life& life) {
        return life.state == AppState::Running || life.is_pending();
    };
    if (stays()) return true;
    for (std::uint32_t i = 0; i < app_count(); ++i) {
        if (is_left(lives_[i]) && apps_[i].is_service()) return true;
    }
    return false;
}

std::uint64_t Supervisor::bytes_held_by(std::uint8_t number) const {
    const caps::UntypedAllocator& untypeds = parts_.root.memory.untypeds();
    std::uint64_t bytes = 0;
    for (const caps::NodeId piece : apps_[number].untypeds) bytes += untypeds.node(piece).size();
    for (const caps::NodeId piece : apps_[number].guest_memory)
        bytes += untypeds.node(piece).size();
    return bytes;
}

msg::StatusRecord Supervisor::status_of(std::uint8_t number) const {
    const Life& life = lives_[number];
    const App* app = find_running(number);
    msg::StatusRecord record{};
    const AppState state = life.kill_at != 0 ? AppState::Stopping : life.state;
    record.state = static_cast<std::uint32_t>(state);
    record.health = static_cast<std::uint32_t>(life.health);
    record.starts = life.starts;
    const std::uint64_t end = app != nullptr ? parts_.clock.now() : life.ended_at;
    record.milliseconds = (end - life.started_at) * 1000 / parts_.clock.hz;
    if (app != nullptr) {
        record.heap_pages = app->pager.heap().most_in_use();
        record.heap_limit = app->pager.heap().limit();
    } else {
        record.exit_status = life.last_exit.status;
        record.heap_pages = life.last_exit.heap_pages;
        record.heap_limit = life.last_exit.heap_limit;
    }
    return record;
}

}  // namespace kos::rootserver
