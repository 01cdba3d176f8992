// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/requests.hpp"

#include "lib/native/manager.hpp"
#include "rootserver/console/line.hpp"
#include "rootserver/spawn/lanes.hpp"
#include "rootserver/spawn/message_server.hpp"
#include "rootserver/spawn/threads.hpp"

#include <utility>

namespace kos::rootserver {

namespace {

// Linux's errno values, include/uapi/asm-generic/errno-base.h and errno.h.
constexpr sel4::Word e_bad_file = 9, e_again = 11, e_no_memory = 12, e_access = 13, e_invalid = 22,
                     e_no_system_call = 38, e_no_entry = 2, e_no_process = 3;

/// By a stream's number less one; the last is for VMMs and gateways alone.
constexpr std::array stream_types{msg::FrameType::Stdout, msg::FrameType::Stderr,
                                  msg::FrameType::GuestStream};

Outcome answered(sel4::Word label, std::initializer_list<sel4::Word> results = {}) {
    return {.answer = answer(label, results), .exit_status = {}};
}

Outcome answered(PagerAnswer outcome) {
    switch (outcome) {
        case PagerAnswer::Done:
            return answered(sel4::Word{0});
        case PagerAnswer::Forbidden:
            return answered(e_access);
        case PagerAnswer::NoMemory:
            return answered(e_no_memory);
        case PagerAnswer::NoRegion:
        case PagerAnswer::Outside:
            break;
    }
    return answered(e_invalid);
}

/// Words 0 and 1: address and bytes. Empty where it would wrap.
Range range_of(const Incoming& request) {
    const VirtualAddress start{request.word(0)};
    const auto end = start.plus(request.word(1));
    return end ? Range{start, *end} : Range{};
}

}  // namespace

Attempt<Outcome> Requests::serve(App& app, std::uint64_t thread, const Incoming& request) {
    using native::Request;
    switch (static_cast<Request>(request.label())) {
        case Request::Exit:
            return Outcome{.answer = {},
                           .exit_status = static_cast<std::uint32_t>(request.word(0))};
        case Request::Write:
            return write(app, request);
        case Request::Map:
            return answered(KOS_TRY(app.pager.map(range_of(request), request.word(2))));
        case Request::Unmap:
            return answered(KOS_TRY(app.pager.unmap(range_of(request))));
        case Request::Protect:
            return protect(app, range_of(request), request.word(2));
        case Request::Commit:
            return answered(KOS_TRY(app.pager.commit(range_of(request))));
        case Request::ReserveThread:
            return reserve_thread(app);
        case Request::StartThread:
            return start_reserved(app, request.word(0));
        case Request::ExitThread:
            return exit_thread(app, thread);
        case Request::SetTimer: {
            app.threads[thread].deadline = request.word(0);
            Outcome outcome = answered(sel4::Word{0});
            outcome.timer_changed = true;
            return outcome;
        }
        case Request::Log:
            log(app, request);
            return answered(sel4::Word{0});
        case Request::TakeSignals:
            return answered(0, {std::exchange(app.pending_signals, 0)});
        case Request::TakeNews:
            return take_news(app);
        case Request::AppProvides:
            return app_provides(app, request);
        case Request::GiveLane:
            return give_lane(app, request);
        case Request::TakeLane:
            return take_lane(app, request);
        case Request::IgnoreSignals:
            app.ignored_signals = request.word(0);
            return answered(sel4::Word{0});
    }
    return answered(e_no_system_call);
}

Attempt<Outcome> Requests::write(const App& app, const Incoming& request) {
    const std::uint64_t type = request.word(0) - 1;
    if (type >= stream_types.size() - (app.talks_to_host() ? 0 : 1)) return answered(e_bad_file);
    const Bytes bytes = request.bytes(2, request.word(1));
    console_.write(stream_types[type], app.number, bytes);
    return answered(0, {bytes.size()});
}

Attempt<Outcome> Requests::protect(App& app, Range range, std::uint64_t protection) {
    const PagerAnswer paged = KOS_TRY(app.pager.protect(range, protection));
    if (paged != PagerAnswer::NoRegion) return answered(paged);
    if ((protection & ~(native::protect_read | native::protect_write)) != 0 ||
        protection == native::protect_none) {
        return answered(e_access);
    }
    return answered(KOS_TRY(protect_own_data(app, range, protection)) ? sel4::Word{0} : e_invalid);
}

/// False where \p range is not all data of the program's, or ends within one of its large pages.
Attempt<bool> Requests::protect_own_data(App& app, Range range, std::uint64_t protection) {
    const manifest::ImageView& image = root_.image.manifest();
    for (const bool apply : {false, true}) {
        for (VirtualAddress page = range.start; page < range.end;) {
            const auto own = own_frame_at(app, image, page);
            if (!own) return false;
            const manifest::Mapping mapping = image.mapping(app.record, own->mapping);
            const std::uint64_t granule = std::uint64_t{1} << mapping.page_bits;
            if (mapping.kind != static_cast<std::uint8_t>(manifest::MappingKind::Data) ||
                !page.is_aligned(granule) || granule > range.end - page) {
                return false;
            }
            if (apply) {
                const auto [rights, attributes] =
                    page_access(static_cast<std::uint8_t>(protection));
                KOS_TRY(about(
                    {"the app's page at", page.value()},
                    sel4::page_map(own->frame, app.vspace(), page.value(), rights, attributes)));
            }
            page = page + granule;
        }
    }
    return true;
}

Attempt<Outcome> Requests::reserve_thread(App& app) {
    for (std::uint64_t thread = 0; thread < app.record.threads; ++thread) {
        if (app.threads[thread].state != ThreadState::Idle) continue;
        if (!app.threads[thread].is_made) KOS_TRY(make_thread(root_, app, thread));
        app.threads[thread].state = ThreadState::Reserved;
        return answered(0, {thread});
    }
    return answered(e_again);
}

Attempt<Outcome> Requests::start_reserved(App& app, std::uint64_t thread) {
    if (thread >= app.record.threads || app.threads[thread].state != ThreadState::Reserved) {
        return answered(e_invalid);
    }
    KOS_TRY(start_thread(app, thread, VirtualAddress{app.record.libos_thread_start}));
    app.threads[thread].state = ThreadState::Running;
    return answered(sel4::Word{0});
}

Attempt<Outcome> Requests::exit_thread(App& app, std::uint64_t thread) {
    KOS_TRY(about({"thread", thread}, sel4::tcb_suspend(app.tcb(thread))));
    app.threads[thread] = {.is_made = true};
    return Outcome{.answer = {}, .exit_status = {}, .timer_changed = true};
}

Outcome Requests::take_news(const App& server) {
    for (App& app : apps_) {
        if (app.news != 0 && rootserver::take_news(root_, app, server.number)) {
            return answered(0, {app.number, app.start_number, app.is_running ? 1u : 0u});
        }
    }
    return answered(e_no_entry);
}

/// An app of a message server's, as GiveLane names it; null where it is another, or another start.
App* Requests::member(const App& server, sel4::Word word) {
    const std::uint64_t number = word & 0xffff'ffff, starts = word >> 32;
    if (number >= apps_.size()) return nullptr;
    App& app = apps_[number];
    const bool is_meant = app.is_running && std::uint64_t{app.start_number} + 1 == starts &&
                          serves(root_, server.number, app.record);
    return is_meant ? &app : nullptr;
}

Outcome Requests::give_lane(const App& server, const Incoming& request) {
    App* const app = member(server, request.word(0));
    const App* const peer = member(server, request.word(2));
    if (app == nullptr || peer == nullptr) return answered(e_no_process);
    const std::uint64_t channel = request.word(1) & 0xffff'ffff, lane = request.word(1) >> 32;
    const auto given = rootserver::give_lane(root_, *app, server, channel, lane, *peer);
    if (!given) {
        describe(given.error()).log_to(console_, server.number);
        return answered(e_no_memory);
    }
    return answered(*given ? sel4::Word{0} : e_no_entry);
}

Outcome Requests::take_lane(const App& server, const Incoming& request) {
    const App* const app = member(server, request.word(0));
    if (app == nullptr) return answered(sel4::Word{0});
    const std::uint64_t channel = request.word(1) & 0xffff'ffff;
    const Attempt<> taken = rootserver::take_lane(root_, *app, {server.number, channel});
    if (!taken) {
        describe(taken.error()).log_to(console_, server.number);
        return answered(e_no_memory);
    }
    return answered(sel4::Word{0});
}

Outcome Requests::app_provides(const App& server, const Incoming& request) {
    Outcome outcome = answered(sel4::Word{0});
    if (server.record.readiness == static_cast<std::uint8_t>(manifest::Readiness::Test)) {
        outcome.ready_app = server.number;
        return outcome;
    }
    const manifest::ImageView& image = root_.image.manifest();
    const std::uint64_t number = request.word(0);
    if (number >= image.app_count() ||
        !serves(root_, server.number, image.app(static_cast<std::uint32_t>(number)))) {
        return answered(e_no_entry);
    }
    const manifest::App record = image.app(static_cast<std::uint32_t>(number));
    const auto readiness = static_cast<manifest::Readiness>(record.readiness);
    const bool by_port =
        readiness == manifest::Readiness::Port && request.word(1) == record.ready_port;
    const bool by_protocol =
        readiness == manifest::Readiness::Protocol && request.word(1) == 0 &&
        as_text(request.bytes(4, request.word(2))) == image.text(record.ready_protocol);
    if (by_port || by_protocol) outcome.ready_app = static_cast<std::uint8_t>(number);
    return outcome;
}

/// After the app's name and on one line: what an app says is not taken for the root server's word.
void Requests::log(const App& app, const Incoming& request) {
    const manifest::ImageView& image = root_.image.manifest();
    Line line;
    line.text(image.text(app.record.name)).text(": ");
    for (const char character : as_text(request.bytes(1, request.word(0)))) {
        const bool is_printable = character >= ' ' && character <= '~';
        line.text({is_printable ? &character : "?", 1});
    }
    line.log_to(console_, app.number);
}

}  // namespace kos::rootserver
