// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/owner.hpp"

#include "cli/instance/name.hpp"

#include <cstdio>
#include <unistd.h>
#include <utility>

namespace kos::instance {

namespace {

constexpr int own_failure = 125;
constexpr const char* inspection_text = "inspect.txt";
constexpr const char* inspection_json = "inspect.json";
/// In one turn: the target is not kept waiting for clients that never end to ask.
constexpr int most_events = 64;
/// Between questions for the states of apps, while somebody may wait for one to change.
constexpr std::chrono::seconds states_interval{2};

std::optional<Inventory> inventory_of(const std::optional<msg::InventoryRecord>& record) {
    if (!record) return std::nullopt;
    return Inventory{record->untyped_bytes, record->untypeds, record->slots};
}

}  // namespace

Outcome<std::string> read_inspection(const Folder& folder, bool as_json) {
    return folder.read(as_json ? inspection_json : inspection_text);
}

Owner::Owner(OwnerOptions options, control::Attendant& signals, Folder folder, sys::EventLoop loop)
    : options_(std::move(options)),
      signals_(signals),
      folder_(std::move(folder)),
      loop_(std::move(loop)),
      log_(folder_) {
    state_.name = options_.name;
    state_.target = options_.target;
    state_.pid = ::getpid();
    state_.created = now();
    state_.stays = options_.stays;
}

Outcome<std::unique_ptr<Owner>> Owner::create(OwnerOptions options, control::Attendant& signals) {
    options.name = KOS_TRY(checked_name(std::move(options.name)));
    auto loop = sys::EventLoop::create();
    if (!loop) return fail(ErrorCode::Target, "epoll", sys::describe(loop.error()));
    Folder folder = KOS_TRY(Folder::claim(options.name, options.existing));
    std::unique_ptr<Owner> owner{
        new Owner{std::move(options), signals, std::move(folder), std::move(loop).value()}};
    owner->server_ = KOS_TRY(Server::create(
        owner->loop_, owner->folder_,
        [it = owner.get()](const Request& request) { it->carried_out(request); }, owner->to_log()));
    // Its readiness wakes the run; attend() asks it every time.
    const auto added = owner->loop_.add(signals.fd(), EPOLLIN | EPOLLET, [](std::uint32_t) {});
    if (!added) return fail(ErrorCode::Target, "epoll", sys::describe(added.error()));
    KOS_TRY(write_state(owner->folder_, owner->state_));
    return owner;
}

Owner::~Owner() {
    if (!is_finished_) finish(own_failure);
}

Outcome<void> Owner::set_apps(std::vector<App> apps, const Inspection& inspection) {
    KOS_TRY(folder_.write(inspection_text, inspection.text));
    KOS_TRY(folder_.write(inspection_json, inspection.json));
    state_.apps = std::move(apps);
    for (const App& app : state_.apps) log_.set_policy(app.number, app.log);
    if (options_.target == target_qemu) set_guests(&line());
    return write_state(folder_, state_);
}

Outcome<void> Owner::set_ports(HostPorts ports, std::uint8_t gateway) {
    return ports_.emplace(std::move(ports)).serve(loop_, line(), gateway, to_log());
}

GuestLine& Owner::line() {
    if (!guest_line_) {
        guest_line_ = std::make_unique<GuestLine>(
            loop_, [this](std::uint8_t app, std::string_view line) { app_log(app, line); });
    }
    return *guest_line_;
}

void Owner::set_inventory(const std::optional<msg::InventoryRecord>& before,
                          const std::optional<msg::InventoryRecord>& after) {
    state_.before = inventory_of(before);
    state_.after = inventory_of(after);
}

void Owner::finish(int exit_status) {
    is_finished_ = true;
    log_.flush();
    if (server_) server_->target_over();
    guest_sockets_.reset();
    ports_.reset();
    guest_line_.reset();
    for (App& app : state_.apps) {
        // The target went, and the app with it, or before it had begun.
        if (app.state == AppState::Stopped) continue;
        app.state = AppState::Stopped;
        app.ended = now();
    }
    state_.ended = now();
    state_.exit_status = exit_status;
    changed();
    if (!options_.removes_itself && !state_.apps.empty()) return;
    if (const auto removed = folder_.remove(); !removed) {
        std::fprintf(stderr, "kos: %s\n", to_string(removed.error()).c_str());
    }
}

std::optional<std::string> Owner::attend() {
    for (int i = 0; i < most_events; ++i) {
        const auto handled = loop_.run_once(0);
        if (!handled || !*handled) break;
    }
    auto bytes = signals_.attend();
    const auto time = Server::Clock::now();
    // What was lost last on a line shows in nothing that follows.
    const bool is_line = options_.target == target_qemu && server_->has_clients();
    if (is_line && time > states_asked_ + states_interval) {
        states_asked_ = time;
        server_->ask_states();
    }
    if (bytes) *bytes += server_->due(time);
    if (bytes && guest_line_) *bytes += guest_line_->due(GuestLine::Clock::now());
    if (ports_) ports_->tend();
    return bytes;
}

void Owner::set_guests(control::GuestLinks* guests) {
    guest_sockets_.reset();
    if (guests == nullptr) return;
    guest_sockets_ = std::make_unique<GuestSockets>(loop_, folder_, *guests, to_log());
    for (const App& app : state_.apps) {
        if (app.kind != kind_microvm) continue;
        if (const auto listens = guest_sockets_->listen(app.number); !listens) {
            log(to_string(listens.error()));
        }
    }
}

void Owner::changed() {
    if (const auto written = write_state(folder_, state_); !written) {
        log(to_string(written.error()));
    }
}

void Owner::app_output(std::uint8_t app, bool is_error, Bytes bytes) {
    log_.write(app, is_error ? Stream::Error : Stream::Output, bytes);
    if (options_.shown != nullptr) options_.shown->app_output(app, is_error, bytes);
}

void Owner::log(std::string_view line) {
    log_.write(no_app, Stream::Target, as_bytes(std::string{line} + "\n"));
    if (options_.shown != nullptr) options_.shown->log(line);
}

sys::Acceptor::Log Owner::to_log() {
    return [this](std::string_view line) { log(line); };
}

void Owner::app_log(std::uint8_t app, std::string_view line) {
    log_.write(app, Stream::Target, as_bytes(std::string{line} + "\n"));
    if (options_.shown != nullptr) options_.shown->app_log(app, line);
}

void Owner::console(std::string_view line) {
    log_.write(no_app, Stream::Target, as_bytes("console: " + std::string{line} + "\n"));
    if (options_.shown != nullptr) options_.shown->console(line);
}

void Owner::app_started(std::uint8_t number) {
    ++generations_[number];
    if (App* app = state_.find(number)) {
        app->state = AppState::Running;
        ++app->starts;
        app->started = now();
        app->ended.reset();
        app->exit_status.reset();
        app->error.clear();
        changed();
    }
    if (options_.shown != nullptr) options_.shown->app_started(number);
    tell_up();
}

void Owner::app_exited(std::uint8_t number, std::uint32_t wait_status) {
    log_.flush(number);
    if (guest_line_) guest_line_->app_over(number);
    if (App* app = state_.find(number)) {
        app->state = AppState::Stopped;
        app->ended = now();
        app->exit_status = run::exit_status_of(wait_status);
        changed();
    }
    if (options_.shown != nullptr) options_.shown->app_exited(number, wait_status);
}

void Owner::app_cancelled(std::uint8_t number) {
    if (App* app = state_.find(number)) {
        ++app->cancelled;
        changed();
    }
    if (options_.shown != nullptr) options_.shown->app_cancelled(number);
}

void Owner::app_failed(std::uint8_t number, const Error& why) {
    if (App* app = state_.find(number)) {
        app->state = AppState::Stopped;
        app->ended = now();
        app->exit_status = own_failure;
        app->error = to_string(why);
        changed();
    }
    if (options_.shown != nullptr) options_.shown->app_failed(number, why);
    tell_up();
}

void Owner::tell_up() {
    bool all_started = true;
    for (const App& app : state_.apps) {
        if (app.state == AppState::Created) return;
        all_started &= app.error.empty();
    }
    tell_up(all_started);
}

void Owner::tell_up(bool all_started) {
    if (is_told_ || !options_.up) return;
    // Where not all have, a later start may still make it so.
    is_told_ = all_started;
    options_.up(all_started);
}

/// What the target does not tell by itself.
void Owner::carried_out(const Request& request) {
    // What was stopped before it started will not be heard of.
    if (request.type == msg::FrameType::Stop || request.type == msg::FrameType::Kill) {
        tell_up(false);
    }
    if (request.type != msg::FrameType::Remove) return;
    App* app = state_.find(request.app);
    if (app == nullptr) return;
    App removed;
    removed.name = app->name;
    removed.number = app->number;
    removed.kind = app->kind;
    removed.image = app->image;
    removed.log = app->log;
    removed.ports = app->ports;
    *app = std::move(removed);
    changed();
}

/// Where frames were lost that told of a start or an end, as the target has it now.
void Owner::reconcile(std::uint8_t number, const msg::StatusRecord& status) {
    App* const app = state_.find(number);
    const std::uint32_t starts = status.starts;
    const bool has_started = std::exchange(generations_[number], starts) != starts;
    if (app == nullptr) return;
    const auto state = static_cast<msg::AppState>(std::uint32_t{status.state});
    const bool runs = state == msg::AppState::Running || state == msg::AppState::Stopping;
    if (runs && (has_started || app->state != AppState::Running)) {
        app_started(number);
        generations_[number] = starts;
    }
    if (state == msg::AppState::Stopped && app->state == AppState::Running) {
        app_exited(number, status.exit_status);
    }
}

void Owner::trace(Bytes records) {
    if (options_.shown != nullptr) options_.shown->trace(records);
}

void Owner::frames_lost() {
    if (guest_line_) guest_line_->frames_lost();
    server_->ask_states();
    if (options_.shown != nullptr) options_.shown->frames_lost();
}

void Owner::answer(const msg::Frame& frame) {
    if (frame.type == msg::FrameType::GuestStream) {
        if (guest_line_) guest_line_->receive(frame.app, frame.payload);
        return;
    }
    const auto record = read_at<msg::AckRecord>(frame.payload, 0);
    const bool is_acknowledgement = frame.type == msg::FrameType::Acknowledged && record;
    if (is_acknowledgement && guest_line_ &&
        guest_line_->acknowledged(*record, GuestLine::Clock::now())) {
        return;
    }
    const auto status = read_at<msg::StatusRecord>(frame.payload, 0);
    if (frame.type == msg::FrameType::Status && status) reconcile(frame.app, *status);
    server_->answer(frame);
    if (options_.shown != nullptr) options_.shown->answer(frame);
}

}  // namespace kos::instance
