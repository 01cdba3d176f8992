// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One container of the guest, from its start to the removal of its traces; again where it is
// started again.
//
//     Waiting ─► (launching) ─► Running ─► (removing) ─► Stopped
//                     └──────────────► Failed
#pragma once

#include "kosinit/supervise/context.hpp"
#include "kosinit/supervise/input.hpp"
#include "kosinit/supervise/pump.hpp"
#include "kosinit/supervise/runtime_config.hpp"
#include "kosinit/supervise/service_config.hpp"
#include "lib/guest/messages.hpp"

#include <functional>
#include <string>

namespace kos::init {

enum class ContainerKind { Onboot, Service, Onshutdown };

struct ContainerPlan {
    std::string name;
    std::string bundle;
    ContainerKind kind = ContainerKind::Service;
    ServiceConfig service;
    RuntimeConfig runtime{};
    bool has_input = false;
};

class Container {
   public:
    using OnChange = std::function<void(Container&)>;

    Container(Context& context, ContainerPlan plan, OnChange on_change);

    void start();
    /// To its first process, or to all of its control group. Nothing where it does not run.
    void signal(int number, bool all) const;
    /// Ends it for good.
    void kill() const { signal(9, true); }

    [[nodiscard]] const ContainerPlan& plan() const { return plan_; }
    [[nodiscard]] const std::string& name() const { return plan_.name; }
    /// Borrows texts of this container.
    [[nodiscard]] guest::ContainerStatus status() const;
    /// Launching, running or being removed.
    [[nodiscard]] bool is_active() const { return is_active_; }
    [[nodiscard]] bool is_running() const { return state_ == guest::ContainerState::Running; }
    [[nodiscard]] bool has_ended() const { return state_ >= guest::ContainerState::Stopped; }
    [[nodiscard]] bool has_succeeded() const {
        return state_ == guest::ContainerState::Stopped && wait_status_ == 0;
    }
    [[nodiscard]] bool is_ready() const { return is_ready_; }
    void set_ready();
    [[nodiscard]] std::uint32_t runs() const { return runs_; }

    Input& input() { return input_; }
    [[nodiscard]] bool has_terminal() const { return has_terminal_; }
    void resize(std::uint16_t rows, std::uint16_t columns) const;
    /// There may be room for its output again.
    void resume_output();

   private:
    [[nodiscard]] Pump::Sink sink(guest::Stream stream);
    void on_started(pid_t pid, sys::UniqueFd terminal);
    void on_failed(const std::string& why);
    void on_process_end(int status);
    void on_removed(const std::string& problem);
    void finish(guest::ContainerState state);

    Context& context_;
    ContainerPlan plan_;
    OnChange on_change_;
    Pump output_;
    Pump error_;
    Input input_;
    bool has_terminal_ = false;

    guest::ContainerState state_ = guest::ContainerState::Waiting;
    bool is_active_ = false;
    bool is_ready_ = false;
    pid_t pid_ = 0;
    int wait_status_ = 0;
    std::uint32_t oom_kills_ = 0;
    std::uint32_t runs_ = 0;
    std::uint64_t started_ns_ = 0;
    std::uint64_t ended_ns_ = 0;
    std::string failure_;
};

}  // namespace kos::init
