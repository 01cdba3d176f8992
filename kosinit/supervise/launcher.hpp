// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Starting and removing containers, and executing in them, by short-lived helper processes: what a
// container does to its launch (a hook that hangs, a filesystem that does not answer) never blocks
// PID 1. The process of the container outlives its helper and becomes PID 1's child.
//
//     PID 1 ── fork ──► helper ── OCI runtime library ──► container's process
//       │ ◄── Started pid (+ terminal), Failed, Warning, Filter ──┘ (then the helper ends)
//       └──── reaps both
#pragma once

#include "kosinit/supervise/children.hpp"
#include "kosinit/supervise/runtime_config.hpp"
#include "lib/linux/event_loop.hpp"
#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/process/container_exec.hpp"

#include <functional>
#include <memory>
#include <string>

namespace kos::init {

/// Where the state of containers lies.
inline constexpr const char* state_root = "/run/kos-oci";

/// Standard descriptors of the new process; borrowed. -1: /dev/null.
struct StandardFiles {
    sys::Fd input = -1;
    sys::Fd output = -1;
    sys::Fd error = -1;
};

struct LaunchEvents {
    /// The program runs. `terminal` is its master, where it has one.
    std::function<void(pid_t pid, sys::UniqueFd terminal)> started;
    std::function<void(const std::string& why)> failed;
    std::function<void(const std::string& text)> warning = [](const std::string&) {};
};

/// A filter of system calls below the container's own.
struct CallFilter {
    /// In the helper: the filter holds for all that it starts. Gives the filter's listener.
    std::function<sys::Result<sys::UniqueFd>()> install;
    /// In PID 1.
    std::function<void(sys::UniqueFd listener)> installed;
};

class Launcher {
   public:
    Launcher(sys::EventLoop& loop, Children& children) : loop_(loop), children_(children) {}

    /// For every container and process in one that is started from now on.
    void set_filter(CallFilter filter) { filter_ = std::move(filter); }

    void run(const std::string& id, const std::string& bundle, const RuntimeConfig& runtime,
             const StandardFiles& files, LaunchEvents events);
    void execute(const std::string& id, const oci::ExecChanges& changes, const StandardFiles& files,
                 LaunchEvents events);
    /// Ends what is left of the container; `done` gets what went wrong, or nothing.
    void remove(const std::string& id, std::function<void(const std::string& problem)> done);

   private:
    struct Job;
    using Work = std::function<void(sys::Fd channel)>;
    void start(const Work& work, const StandardFiles& files, LaunchEvents events);
    /// False where it failed, which \p channel was told.
    [[nodiscard]] bool install_filter(sys::Fd channel) const;
    void receive(const std::shared_ptr<Job>& job);

    sys::EventLoop& loop_;
    Children& children_;
    CallFilter filter_;
};

}  // namespace kos::init
