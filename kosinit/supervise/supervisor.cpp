// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/supervisor.hpp"

#include "lib/linux/process.hpp"

#include <algorithm>
#include <signal.h>

namespace kos::init {

using guest::GuestState;

Supervisor::Supervisor(Context& context, const Inventory& inventory,
                       std::function<void(bool)> on_end)
    : context_(context), guest_(inventory.guest), on_end_(std::move(on_end)) {
    for (const auto* list : {&inventory.onboot, &inventory.services, &inventory.onshutdown}) {
        for (const ContainerPlan& plan : *list) {
            containers_.push_back(std::make_unique<Container>(
                context, plan, [this](Container& container) { changed(container); }));
        }
    }
    context.journal.on_room([this] {
        for (const auto& container : containers_) container->resume_output();
    });
}

Container* Supervisor::find(std::string_view name) const {
    const auto found = std::ranges::find(containers_, name, [](const auto& container) {
        return std::string_view{container->name()};
    });
    return found == containers_.end() ? nullptr : found->get();
}

bool Supervisor::is_over(const Container& container) const {
    if (container.is_active() || restarts_.contains(&container)) return false;
    return container.has_ended() || has_ended_ || will_never_start(container);
}

void Supervisor::begin() { start_next(ContainerKind::Onboot); }

/// Of those that run one after another.
void Supervisor::start_next(ContainerKind kind) {
    for (const auto& container : containers_) {
        if (container->plan().kind != kind || container->has_ended()) continue;
        return container->start();
    }
    if (kind == ContainerKind::Onboot) {
        state_ = GuestState::Running;
        start_services();
    } else {
        end();
    }
}

void Supervisor::changed(Container& container) {
    switch (container.plan().kind) {
        case ContainerKind::Onboot:
            onboot_changed(container);
            break;
        case ContainerKind::Service:
            service_changed(container);
            break;
        case ContainerKind::Onshutdown:
            if (container.has_ended()) start_next(ContainerKind::Onshutdown);
            break;
    }
    note_ending(container);
    on_change_(container);
}

void Supervisor::note_ending(const Container& container) {
    if (!is_over(container) || !container.has_ended()) return;
    const bool is_main = container.name() == main_container;
    if (!is_main && find(main_container) != nullptr) return;
    if (!ending_.container.empty() || container.has_succeeded()) return;
    ending_ = {container.status().wait_status, container.name()};
}

void Supervisor::signal(int number) {
    if (const Container* main = find(main_container)) return main->signal(number, false);
    switch (number) {
        case SIGKILL:
            return shut_down(0, false);
        case SIGTERM:
        case SIGINT:
        case SIGQUIT:
            return shut_down(guest_.shutdown_ms, false);
        default:
            break;
    }
    for (const auto& container : containers_) {
        if (container->plan().kind == ContainerKind::Service) container->signal(number, false);
    }
}

void Supervisor::onboot_changed(const Container& container) {
    if (state_ == GuestState::Stopping) return stop_some();
    if (!container.has_ended()) return;
    if (container.has_succeeded()) return start_next(ContainerKind::Onboot);
    context_.journal.tell(Error{ErrorCode::GuestContainer, "container " + container.name(),
                                "it failed, so nothing after it is started"});
    shut_down(guest_.shutdown_ms, false);
}

void Supervisor::service_changed(Container& container) {
    if (state_ == GuestState::Stopping) {
        checks_.erase(&container);
        return stop_some();
    }
    if (container.is_running() && !container.is_ready()) {
        if (container.plan().service.ready.is_immediate()) return container.set_ready();
        checks_[&container] = std::make_unique<ReadinessCheck>(
            context_, container, [&container] { container.set_ready(); });
        return;
    }
    if (container.has_ended()) {
        checks_.erase(&container);
        if (restart_by_policy(container)) return;
    }
    start_services();
    end_when_done();
}

bool Supervisor::may_start(const Container& container) const {
    return std::ranges::all_of(container.plan().service.after, [&](const std::string& name) {
        const Container* other = find(name);
        return other->is_ready() || other->has_succeeded();
    });
}

bool Supervisor::will_never_start(const Container& container) const {
    if (container.runs() != 0 || container.plan().kind != ContainerKind::Service) return false;
    return std::ranges::any_of(container.plan().service.after, [&](const std::string& name) {
        const Container* other = find(name);
        return will_never_start(*other) ||
               (is_over(*other) && !other->has_succeeded() && !other->is_ready());
    });
}

void Supervisor::start_services() {
    if (state_ != GuestState::Running) return;
    for (const auto& container : containers_) {
        if (container->plan().kind != ContainerKind::Service || container->runs() != 0) continue;
        if (may_start(*container)) container->start();
    }
}

bool Supervisor::restart_by_policy(Container& container) {
    const ServiceConfig& service = container.plan().service;
    if (service.restart == Restart::No) return false;
    if (service.restart == Restart::OnFailure && container.has_succeeded()) return false;
    if (service.restart_limit && container.runs() > *service.restart_limit) return false;
    restarts_[&container] = context_.timers.after(service.restart_delay_ms, [this, &container] {
        restarts_.erase(&container);
        container.start();
    });
    return true;
}

void Supervisor::end_when_done() {
    if (!guest_.power_off_when_done || state_ != GuestState::Running) return;
    const Container* main = find(main_container);
    const bool is_done = std::ranges::all_of(containers_, [&](const auto& container) {
        if (container->plan().kind != ContainerKind::Service) return true;
        return (main != nullptr && container.get() != main) || is_over(*container);
    });
    if (is_done) shut_down(guest_.shutdown_ms, false);
}

void Supervisor::shut_down(std::uint32_t deadline_ms, bool restart) {
    restart_ = restart_ || restart;
    context_.timers.cancel(deadline_);
    deadline_ = context_.timers.after(deadline_ms, [this] { kill_all(); });
    if (state_ == GuestState::Stopping) return;
    state_ = GuestState::Stopping;
    for (const auto& [container, timer] : restarts_) context_.timers.cancel(timer);
    restarts_.clear();
    checks_.clear();
    stop_some();
}

bool Supervisor::has_active_dependents(const Container& container) const {
    return std::ranges::any_of(containers_, [&](const auto& other) {
        const auto& after = other->plan().service.after;
        return other->is_active() && std::ranges::find(after, container.name()) != after.end();
    });
}

/// Asks those to end that nothing which still runs depends on.
void Supervisor::stop_some() {
    if (is_ending_) return;
    bool is_any_active = false;
    for (const auto& container : containers_) {
        if (!container->is_active()) continue;
        is_any_active = true;
        // One that is being launched is asked when it runs.
        if (container->is_running() && !has_active_dependents(*container)) stop(*container);
    }
    if (!is_any_active) after_services();
}

void Supervisor::stop(Container& container) {
    if (!asked_to_stop_.insert(&container).second) return;
    container.signal(container.plan().service.stop_signal.value_or(guest_.stop_signal), false);
}

void Supervisor::kill_all() {
    for (const auto& container : containers_) {
        if (!container->is_active()) continue;
        context_.journal.tell("container " + container->name() + ": killed, its time is over");
        container->kill();
    }
    // One that was just being launched is not yet killed, and what comes next has no time at all.
    deadline_ = context_.timers.after(1000, [this] { kill_all(); });
}

void Supervisor::after_services() {
    is_ending_ = true;
    context_.timers.cancel(deadline_);
    // These have the same time again, all together.
    deadline_ = context_.timers.after(guest_.shutdown_ms, [this] { kill_all(); });
    start_next(ContainerKind::Onshutdown);
}

void Supervisor::end() {
    if (has_ended_) return;
    has_ended_ = true;
    // One that waited to be started again counts, too.
    for (const auto& container : containers_) note_ending(*container);
    context_.timers.cancel(deadline_);
    // Whoever is told of changes learns of the last one first.
    context_.timers.after(0, [this] { on_end_(restart_); });
}

}  // namespace kos::init
