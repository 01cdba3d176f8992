// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/supervisor.hpp"

#include "lib/sel4/fault.hpp"
#include "rootserver/console/line.hpp"
#include "rootserver/spawn/spawn.hpp"
#include "rootserver/supervise/wakeup.hpp"

#include <algorithm>

namespace kos::rootserver {

namespace {

bool same(const msg::InventoryRecord& a, const msg::InventoryRecord& b) {
    return a.untyped_bytes == b.untyped_bytes && a.slots == b.slots && a.untypeds == b.untypeds;
}

}  // namespace

void Supervisor::run() {
    const msg::InventoryRecord before = parts_.root.memory.inventory();
    parts_.console.inventory(before);
    if (app_count() > max_apps) {
        const Subject subject{"apps in one system image", app_count()};
        describe({ErrorCode::Unsupported, subject, 0, {}}).fail_to(parts_.console, msg::no_app);
        return;
    }
    parts_.timeline.end(msg::Phase::Inventory);
    for (std::uint32_t number = 0; number < app_count(); ++number) {
        lives_[number].state = msg::AppState::Waiting;
    }
    has_changed_ = true;
    settle();
    serve();
    // With their apps, message servers have nothing left to do.
    for (App& app : apps_) {
        if (app.is_running) finish(app, 0);
    }
    give_all_back();
    const msg::InventoryRecord after = parts_.root.memory.inventory();
    parts_.console.inventory(after);
    if (!same(before, after)) {
        Line{}.text("memory or slots were not given back").log_to(parts_.console, msg::no_app);
    }
}

void Supervisor::serve() {
    settle();
    if (!any_left()) return;
    const sel4::CPtr endpoint = parts_.root.endpoint.cptr();
    sel4::Message message = sel4::recv(endpoint, parts_.reply);
    for (;;) {
        const auto answer = handle(message);
        settle();
        if (!any_left()) return;
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
        timer_is_new_ = true;
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
    if (outcome->ready_app) app_is_ready(*outcome->ready_app);
    if (outcome->exit_status) finish(app, *outcome->exit_status);
    timer_is_new_ |= outcome->timer_changed;
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

const App* Supervisor::find_running(std::uint64_t number) const {
    return number < apps_.size() && apps_[number].is_running ? &apps_[number] : nullptr;
}

App* Supervisor::running_app(std::uint64_t number) {
    return number < apps_.size() && apps_[number].is_running ? &apps_[number] : nullptr;
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
