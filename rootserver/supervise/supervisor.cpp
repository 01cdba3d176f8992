// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/supervisor.hpp"

#include "lib/sel4/fault.hpp"
#include "rootserver/console/line.hpp"
#include "rootserver/spawn/spawn.hpp"
#include "rootserver/supervise/restart.hpp"

#include <algorithm>
#include <utility>

namespace kos::rootserver {

namespace {

bool same(const msg::InventoryRecord& a, const msg::InventoryRecord& b) {
    return a.untyped_bytes == b.untyped_bytes && a.slots == b.slots && a.untypeds == b.untypeds;
}

}  // namespace

void Supervisor::run() {
    const manifest::ImageView& image = parts_.root.image.manifest();
    const msg::InventoryRecord before = parts_.root.memory.inventory();
    parts_.console.inventory(before);
    if (image.app_count() > max_apps) {
        const Subject subject{"apps in one system image", image.app_count()};
        describe({ErrorCode::Unsupported, subject, 0, {}}).log_to(parts_.console, msg::no_app);
        return;
    }
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
    Attempt<> made = spawn(parts_.root, app, bookkeeping_of(number), starts_[number]++);
    if (!made) {
        describe(made.error()).log_to(parts_.console, number);
        return false;
    }
    parts_.console.started(number, app.usage);
    if (Attempt<> started = start(app); !started) {
        kill(app, started.error());
        return false;
    }
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
    if (incoming.badge() == alarm_badge) {
        parts_.alarm.expired();
        serve_timers();
        return std::nullopt;
    }
    const std::uint64_t thread = native::thread_of_badge(incoming.badge());
    App* app = running_app(native::app_of_badge(incoming.badge()));
    if (app == nullptr || thread >= app->record.threads) return std::nullopt;
    return (incoming.badge() & native::fault_badge_bit) != 0
               ? handle_fault(*app, thread, incoming)
               : handle_request(*app, thread, incoming);
}

std::optional<sel4::Message> Supervisor::handle_request(App& app, std::uint64_t thread,
                                                        const Incoming& request) {
    const auto outcome = requests_.serve(app, thread, request);
    if (!outcome) {
        kill(app, outcome.error());
        return std::nullopt;
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
    msg::ExitRecord record;
    record.status = wait_status;
    record.heap_pages = app.pager.heap().most_in_use();
    record.heap_limit = app.pager.heap().limit();
    record.page_tables = app.pager.page_tables_in_use();
    if (Attempt<> stopped = stop(parts_.root, app); !stopped) {
        describe(stopped.error()).log_to(parts_.console, app.number);
    }
    parts_.console.exited(app.number, record);
    const auto pause = restart_after(app.record, wait_status, starts_[app.number], parts_.clock.hz);
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
        describe(armed.error()).log_to(parts_.console, msg::no_app);
    }
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
