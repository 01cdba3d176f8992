// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/supervisor.hpp"

#include "lib/sel4/fault.hpp"
#include "rootserver/console/line.hpp"
#include "rootserver/spawn/spawn.hpp"
#include "rootserver/supervise/restart.hpp"
#include "rootserver/supervise/wakeup.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace kos::rootserver {

namespace {

bool same(const msg::InventoryRecord& a, const msg::InventoryRecord& b) {
    return a.untyped_bytes == b.untyped_bytes && a.slots == b.slots && a.untypeds == b.untypeds;
}

constexpr std::uint32_t highest_signal = 64;
constexpr std::uint64_t set_of(std::initializer_list<unsigned> signals) {
    std::uint64_t set = 0;
    for (const unsigned signal : signals) set |= std::uint64_t{1} << (signal - 1);
    return set;
}
/// CHLD, CONT, TSTP, TTIN, TTOU, URG, WINCH: without a handler they do nothing here (signal(7)).
constexpr std::uint64_t signals_without_effect = set_of({17, 18, 20, 21, 22, 23, 28});
/// KILL, and STOP, which nothing could resume from.
constexpr std::uint64_t never_ignored = set_of({9, 19});

}  // namespace

void Supervisor::run() {
    const manifest::ImageView& image = parts_.root.image.manifest();
    const msg::InventoryRecord before = parts_.root.memory.inventory();
    parts_.console.inventory(before);
    if (image.app_count() > max_apps) {
        const Subject subject{"apps in one system image", image.app_count()};
        describe({ErrorCode::Unsupported, subject, 0, {}}).fail_to(parts_.console, msg::no_app);
        return;
    }
    parts_.timeline.end(msg::Phase::Inventory);
    for (std::uint32_t number = 0; number < image.app_count(); ++number) {
        start_app(static_cast<std::uint8_t>(number));
    }
    serve();
    const msg::InventoryRecord after = parts_.root.memory.inventory();
    parts_.console.inventory(after);
    if (!same(before, after)) {
        Line{}.text("memory or slots were not given back").log_to(parts_.console, msg::no_app);
    }
}

bool Supervisor::start_app(std::uint8_t number) {
    App& app = apps_[number];
    app.number = number;
    Life& life = lives_[number];
    app.ignored_signals = 0;
    life.kill_at = 0;
    life.is_told_to_stop = false;
    app.timeline = parts_.timeline;
    app.timeline.end(msg::Phase::Turn);
    Attempt<> made = spawn(parts_.root, app, bookkeeping_of(number), life.starts++);
    if (!made) {
        describe(made.error()).fail_to(parts_.console, number);
        // It has ended before it began, and not well.
        life.started_at = life.ended_at = parts_.clock.now();
        life.last_exit = {};
        life.last_exit.status = static_cast<std::uint32_t>(Signal::Kill);
        return false;
    }
    life.started_at = parts_.clock.now();
    parts_.console.started(number, app.usage);
    if (Attempt<> started = start(app); !started) {
        kill(app, started.error());
        return false;
    }
    app.timeline.started();
    return true;
}

void Supervisor::serve() {
    if (!any_left()) return;
    if (std::exchange(restart_is_new_, false)) serve_timers();
    const sel4::CPtr endpoint = parts_.root.endpoint.cptr();
    sel4::Message message = sel4::recv(endpoint, parts_.reply);
    for (;;) {
        const auto answer = handle(message);
        if (!any_left()) return;
        if (std::exchange(restart_is_new_, false)) serve_timers();
        message = answer ? sel4::reply_recv(endpoint, *answer, parts_.reply)
                         : sel4::recv(endpoint, parts_.reply);
    }
}

std::optional<sel4::Message> Supervisor::handle(const sel4::Message& message) {
    const Incoming incoming{message};
    if (is_wakeup(incoming.badge())) {
        wake(incoming.badge());
        return std::nullopt;
    }
    const std::uint64_t thread = native::thread_of_badge(incoming.badge());
    App* app = running_app(native::app_of_badge(incoming.badge()));
    if (app == nullptr || thread >= app->record.threads) return std::nullopt;
    return (incoming.badge() & native::fault_badge_bit) != 0
               ? handle_fault(*app, thread, incoming)
               : handle_request(*app, thread, incoming);
}

void Supervisor::wake(sel4::Word badge) {
    if ((badge & wakeup_badge::alarm) != 0) {
        parts_.alarm.expired();
        serve_timers();
    }
    if ((badge & wakeup_badge::console) != 0) receive_commands();
}

/// A line that is never quiet does not keep the apps waiting: what is left raises the interrupt
/// again.
void Supervisor::receive_commands() {
    constexpr unsigned most_pieces = 16;
    std::array<std::byte, 64> piece;
    for (unsigned i = 0; i < most_pieces; ++i) {
        const ConsoleSource& source = *parts_.console_source;
        const std::size_t taken = source.take(source.context, piece);
        if (taken == 0) break;
        commands_.receive(Bytes{piece}.first(taken));
    }
    if (const Attempt<> done = parts_.console_interrupt->acknowledge(); !done) report(done.error());
}

std::optional<sel4::Message> Supervisor::handle_request(App& app, std::uint64_t thread,
                                                        const Incoming& request) {
    const auto outcome = requests_.serve(app, thread, request);
    if (!outcome) {
        kill(app, outcome.error());
        return std::nullopt;
    }
    if (native::carries_progress(request.label())) {
        app.timeline.app_was_at(request.word(native::progress_word));
    }
    if (outcome->exit_status) finish(app, *outcome->exit_status);
    if (outcome->timer_changed) serve_timers();
    return outcome->answer;
}

std::optional<sel4::Message> Supervisor::handle_fault(App& app, std::uint64_t thread,
                                                      const Incoming& fault) {
    const auto kind = static_cast<sel4::FaultKind>(fault.label());
    if (parts_.tracer != nullptr) parts_.tracer->fault(kind, fault.badge());
    if (kind == sel4::FaultKind::VmFault) {
        const MemoryAccess access = memory_access_of(fault);
        if (!access.is_misaligned) {
            const auto paged = app.pager.fault(access.address, access.access);
            if (!paged) {
                kill(app, paged.error());
                return std::nullopt;
            }
            if (*paged == PagerAnswer::Done) return answer(0);
            if (*paged == PagerAnswer::NoMemory) {
                kill(app, {ErrorCode::OutOfMemory, {"page at", access.address.value()}, 0, {}});
                return std::nullopt;
            }
        }
    }
    crash(app, crash_of(fault, thread));
    return std::nullopt;
}

void Supervisor::crash(App& app, const Crash& crash) {
    report_crash(parts_.root, app, crash, parts_.console);
    finish(app, static_cast<std::uint32_t>(crash.signal));
}

void Supervisor::kill(App& app, const Trouble& trouble) {
    describe(trouble).log_to(parts_.console, app.number);
    finish(app, static_cast<std::uint32_t>(Signal::Kill));
}

void Supervisor::finish(App& app, std::uint32_t wait_status) {
    Life& life = lives_[app.number];
    life.ended_at = parts_.clock.now();
    msg::ExitRecord& record = life.last_exit;
    record.status = wait_status;
    record.heap_pages = app.pager.heap().most_in_use();
    record.heap_limit = app.pager.heap().limit();
    record.page_tables = app.pager.page_tables_in_use();
    if (Attempt<> stopped = stop(parts_.root, app); !stopped) {
        describe(stopped.error()).log_to(parts_.console, app.number);
    }
    if (life.starts == 1) parts_.console.timings(app.number, app.timeline.record());
    parts_.console.exited(app.number, record);
    if (life.is_told_to_stop) return;
    const auto pause = restart_after(app.record, wait_status, life.starts, parts_.clock.hz);
    if (!pause) return;
    // Not at once, whatever the record says: an app that cannot be started would keep others from
    // being served.
    restart_at_[app.number] = parts_.clock.now() + *pause + 1;
    restart_is_new_ = true;
}

std::uint64_t Supervisor::serve_restarts(std::uint64_t now) {
    std::uint64_t next = 0;
    for (std::uint8_t number = 0; number < max_apps; ++number) {
        if (restart_at_[number] != 0 && restart_at_[number] <= now) {
            restart_at_[number] = 0;
            start_app(number);
        }
        if (const std::uint64_t later = restart_at_[number]; later != 0) {
            if (next == 0 || later < next) next = later;
        }
    }
    return next;
}

void Supervisor::serve_timers() {
    const std::uint64_t now = parts_.clock.now();
    std::uint64_t next = serve_restarts(now);
    for (App& app : apps_) {
        if (!app.is_running) continue;
        const std::uint64_t kill_at = lives_[app.number].kill_at;
        if (kill_at != 0 && kill_at <= now) {
            finish(app, static_cast<std::uint32_t>(Signal::Kill));
            continue;
        }
        if (kill_at != 0 && (next == 0 || kill_at < next)) next = kill_at;
        for (std::uint64_t thread = 0; thread < app.record.threads; ++thread) {
            std::uint64_t& deadline = app.threads[thread].deadline;
            if (deadline != 0 && deadline <= now) {
                deadline = 0;
                sel4::signal(sel4::Cap<sel4::Notification>{
                    app.object(caps::ObjectKind::Notification, thread)});
            }
            if (deadline != 0 && (next == 0 || deadline < next)) next = deadline;
        }
    }
    if (next == 0) return;
    if (const Attempt<> armed = parts_.alarm.arm(next); !armed) {
        report(armed.error());
    }
}

msg::CommandResult Supervisor::stop_app(std::uint8_t number, std::uint32_t signal,
                                        std::uint32_t milliseconds) {
    if (signal == 0 || signal > highest_signal) return msg::CommandResult::Malformed;
    App* app = running_app(number);
    if (app == nullptr) {
        const bool waits = std::exchange(restart_at_[number], 0) != 0;
        return waits ? msg::CommandResult::Done : msg::CommandResult::NotRunning;
    }
    const std::uint64_t bit = std::uint64_t{1} << (signal - 1);
    if (app->is_microvm() && (never_ignored & bit) == 0) {
        app->pending_signals |= bit;
        sel4::signal(sel4::Cap<sel4::Notification>{app->object(caps::ObjectKind::Notification)});
    } else if (((app->ignored_signals | signals_without_effect) & ~never_ignored & bit) == 0) {
        lives_[number].is_told_to_stop = true;
        finish(*app, signal);
        return msg::CommandResult::Done;
    }
    if (milliseconds != msg::StopCommand::never) {
        lives_[number].is_told_to_stop = true;
        lives_[number].kill_at = parts_.clock.now() + milliseconds * parts_.clock.hz / 1000;
        serve_timers();
    }
    return msg::CommandResult::Done;
}

std::string_view Supervisor::name_of(std::uint8_t number) const {
    const manifest::ImageView& image = parts_.root.image.manifest();
    return image.text(image.app(number).name);
}

std::optional<std::uint8_t> Supervisor::app_named(std::string_view name) const {
    for (std::uint32_t number = 0; number < app_count(); ++number) {
        if (name_of(static_cast<std::uint8_t>(number)) == name) {
            return static_cast<std::uint8_t>(number);
        }
    }
    return std::nullopt;
}

msg::StatusRecord Supervisor::status_of(std::uint8_t number) const {
    const Life& life = lives_[number];
    const App* app = find_running(number);
    msg::AppState state = msg::AppState::Created;
    if (life.starts != 0) state = msg::AppState::Stopped;
    if (app != nullptr) {
        state = life.kill_at != 0 ? msg::AppState::Stopping : msg::AppState::Running;
    }
    const std::uint64_t end = app != nullptr ? parts_.clock.now() : life.ended_at;
    msg::StatusRecord record{};
    record.state = static_cast<std::uint32_t>(state);
    record.starts = life.starts;
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

const App* Supervisor::find_running(std::uint64_t number) const {
    return number < apps_.size() && apps_[number].is_running ? &apps_[number] : nullptr;
}

App* Supervisor::running_app(std::uint64_t number) {
    return number < apps_.size() && apps_[number].is_running ? &apps_[number] : nullptr;
}

bool Supervisor::any_left() const {
    const auto waits = [](std::uint64_t time) { return time != 0; };
    return std::any_of(apps_.begin(), apps_.end(), [](const App& app) { return app.is_running; }) ||
           std::any_of(restart_at_.begin(), restart_at_.end(), waits);
}

std::span<std::uint32_t> Supervisor::bookkeeping_of(std::uint8_t number) const {
    const manifest::ImageView& image = parts_.root.image.manifest();
    std::size_t before = 0;
    for (std::uint32_t other = 0; other < number; ++other) {
        before += bookkeeping_words(image.app(other));
    }
    return parts_.bookkeeping.subspan(before, bookkeeping_words(image.app(number)));
}

}  // namespace kos::rootserver
