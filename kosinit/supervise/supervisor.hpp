// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Which containers run when.
//
//     onboot, one after another ─► services, each once those in `after` are ready ─► (end)
//       └── a failure ends the boot                                                    │
//     power off ◄── onshutdown, one after another ◄── services, in reverse order ◄─────┘
//
// The end comes when `main` (or the last service) has ended, or when it is asked for. Containers
// then have until the deadline.
#pragma once

#include "kosinit/supervise/container.hpp"
#include "kosinit/supervise/inventory.hpp"
#include "kosinit/supervise/readiness.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace kos::init {

class Supervisor {
   public:
    /// \p on_end is called once, when everything has ended; `restart` is what was asked for.
    Supervisor(Context& context, const Inventory& inventory,
               std::function<void(bool restart)> on_end);

    void begin();
    /// A second call may bring the deadline nearer.
    void shut_down(std::uint32_t deadline_ms, bool restart);
    [[nodiscard]] std::uint32_t default_deadline_ms() const { return guest_.shutdown_ms; }

    [[nodiscard]] guest::GuestState state() const { return state_; }
    [[nodiscard]] const std::vector<std::unique_ptr<Container>>& containers() const {
        return containers_;
    }
    /// Null where there is none of that name.
    [[nodiscard]] Container* find(std::string_view name) const;
    /// It has ended and is not started again.
    [[nodiscard]] bool is_over(const Container& container) const;

    /// Everything has ended, and nothing will be started.
    [[nodiscard]] bool has_ended() const { return has_ended_; }

    /// What a host sends to the guest as a whole: `main` gets it. Without one, what asks to end
    /// ends the guest (SIGKILL: at once), and every service that runs gets the others.
    void signal(int number);

    /// How the guest ended: as `main` did; without one, as the first container that ended badly
    /// for good, or well.
    struct Ending {
        std::uint32_t wait_status = 0;
        std::string container{};  ///< empty: all ended well
    };
    [[nodiscard]] const Ending& ending() const { return ending_; }

    /// Called with each container whose state changes.
    void on_change(std::function<void(Container&)> action) { on_change_ = std::move(action); }

   private:
    void changed(Container& container);
    void note_ending(const Container& container);
    void onboot_changed(const Container& container);
    void service_changed(Container& container);
    void start_next(ContainerKind kind);
    void start_services();
    [[nodiscard]] bool may_start(const Container& container) const;
    [[nodiscard]] bool will_never_start(const Container& container) const;
    bool restart_by_policy(Container& container);
    void end_when_done();
    void stop_some();
    [[nodiscard]] bool has_active_dependents(const Container& container) const;
    void stop(Container& container);
    void kill_all();
    void after_services();
    void end();

    Context& context_;
    GuestConfig guest_;
    std::function<void(bool)> on_end_;
    std::function<void(Container&)> on_change_ = [](Container&) {};
    guest::GuestState state_ = guest::GuestState::Starting;
    std::vector<std::unique_ptr<Container>> containers_;
    std::map<const Container*, std::unique_ptr<ReadinessCheck>> checks_;
    std::map<const Container*, Timers::Id> restarts_;
    std::set<const Container*> asked_to_stop_;
    Timers::Id deadline_ = 0;
    bool is_ending_ = false;  ///< onshutdown has begun
    bool has_ended_ = false;
    bool restart_ = false;
    Ending ending_;
};

}  // namespace kos::init
