// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Starts the apps of the system image and looks after them until the last has ended.
//
//   Inventory ─► each app: spawn, Started ─► requests, faults, timers ─► Exited … ─► Inventory
//                             ▲                                             │        Finished
//                             └─── where its record or a command says so ◄──┘
//
// An app starts once what it depends on lets it, and when all are stopped it ends once those have
// that depend on it (lifecycle.hpp). Whatever may let others start or end only notes that it has
// (`has_changed_`): settle() then looks at all.
#pragma once

#include "lib/msg/control_writer.hpp"
#include "rootserver/console/interrupt.hpp"
#include "rootserver/console/port.hpp"
#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/supervise/alarm.hpp"
#include "rootserver/supervise/commands.hpp"
#include "rootserver/supervise/crash.hpp"
#include "rootserver/supervise/lifecycle.hpp"
#include "rootserver/supervise/requests.hpp"
#include "rootserver/trace/tracer.hpp"

#include <cstdint>
#include <span>

namespace kos::rootserver {

class Supervisor {
   public:
    /// Most apps of a system image.
    static constexpr std::size_t max_apps = 128;

    struct Parts {
        const Root& root;
        msg::ControlWriter& console;
        /// Where commands come from; nothing where the console only sends.
        std::optional<ConsoleSource> console_source;
        Interrupt* console_interrupt;
        Alarm& alarm;
        Clock clock;
        sel4::Cap<sel4::Reply> reply;
        /// As many as the system image has, and words for the books of all.
        std::span<App> apps;
        std::span<std::uint32_t> bookkeeping;
        /// Null where nobody asked for a trace.
        Tracer* tracer = nullptr;
        /// Up to the root server.
        Timeline timeline;
    };
    explicit Supervisor(const Parts& parts)
        : parts_(parts),
          requests_(parts.root, parts.console, parts.apps),
          commands_(*this, parts.console),
          apps_(parts.apps) {}
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// All of it. Returns when every app has ended and been taken down, or, where the image says
    /// that the system stays, when it was told to end.
    void run();

    /// Makes and starts an app that is not running, whatever it depends on. False where that
    /// failed: the log says why, and it may be tried again.
    bool start_app(std::uint8_t number);
    /// Serves messages until no app runs, nor will again.
    void serve();

    // Commands. Those of all apps take effect one after another.

    /// Sends the app \p signal: it ends by it, unless it ignores it. Where it still runs after
    /// \p milliseconds (or never), it is killed. Either may be the app's own (msg::StopCommand).
    /// \p then: takes the place of what an earlier command wanted.
    enum class Then : std::uint8_t { Stay, Start };
    msg::CommandResult stop_app(std::uint8_t number, std::uint32_t signal,
                                std::uint32_t milliseconds, Then then = Then::Stay);
    /// Starts it once what it depends on lets it, and that as well; nothing to do where it runs.
    msg::CommandResult let_start(std::uint8_t number);
    /// As stop_app(), then as let_start(); once it runs again, so do those that depend on it and
    /// say so.
    msg::CommandResult restart_app(std::uint8_t number, std::uint32_t signal,
                                   std::uint32_t milliseconds);
    /// Gives back what an app that has ended still holds.
    msg::CommandResult remove_app(std::uint8_t number);
    /// Stops all, dependents first, each as stop_app().
    msg::CommandResult stop_all(const msg::StopCommand& how);
    /// Likewise by the apps' own signals; then run() returns.
    msg::CommandResult shut_down();
    msg::CommandResult kill_all();
    /// Hands \p piece on to the VMM of an app.
    msg::CommandResult pass_to_guest(std::uint8_t number, Bytes piece);

    /// What an app of its kind of readiness was waited for has come about.
    void app_is_ready(std::uint8_t number);

    [[nodiscard]] std::uint32_t app_count() const {
        return parts_.root.image.manifest().app_count();
    }
    [[nodiscard]] std::string_view name_of(std::uint8_t number) const;
    [[nodiscard]] std::optional<std::uint8_t> app_named(std::string_view name) const;
    [[nodiscard]] msg::StatusRecord status_of(std::uint8_t number) const;
    [[nodiscard]] msg::InventoryRecord memory_left() const {
        return parts_.root.memory.inventory();
    }
    /// Of the untypeds that an app has, running or not.
    [[nodiscard]] std::uint64_t bytes_held_by(std::uint8_t number) const;
    /// Null where it does not run.
    [[nodiscard]] const App* find_running(std::uint64_t number) const;

   private:
    void wake(sel4::Word badge);
    void receive_commands();

    /// The answer to the message's sender; nothing where it gets none.
    std::optional<sel4::Message> handle(const sel4::Message& message);
    std::optional<sel4::Message> handle_request(App& app, std::uint64_t thread,
                                                const Incoming& request);
    std::optional<sel4::Message> handle_fault(App& app, std::uint64_t thread,
                                              const Incoming& fault);
    void crash(App& app, const Crash& crash);
    /// Ends an app that the root server itself cannot go on with.
    void kill(App& app, const Trouble& trouble);
    void finish(App& app, std::uint32_t wait_status);

    /// Until nothing is due: starts and stops what may, serves timers.
    void settle();
    void start_what_may();
    void stop_what_may();
    /// An app that waits will not be started, for want of another.
    void give_up_start(std::uint8_t number, std::uint32_t because_of);
    /// The app has ended, or could not be started: what now.
    void ended(std::uint8_t number, std::uint32_t wait_status);
    [[nodiscard]] std::optional<std::uint64_t> pause_before_restart(std::uint8_t number,
                                                                    std::uint32_t wait_status);
    /// An app that was going to be started, or would be once it has ended, is not: tells so.
    void cancel_start(std::uint8_t number);
    /// Whether it does, by a dependency that has \p flags.
    [[nodiscard]] bool depends_on(std::uint32_t dependent, std::uint32_t number,
                                  std::uint8_t flags = 0) const;
    [[nodiscard]] bool has_running_dependent(std::uint32_t number) const;
    /// Whether one up to \p last that is to start needs it to run, or to have done its work.
    [[nodiscard]] bool is_waited_for(std::uint32_t number, std::uint32_t last) const;
    void restart_dependents(std::uint32_t number);
    [[nodiscard]] bool stays() const;
    void give_all_back();

    void serve_timers(std::uint64_t now);
    /// What is due of one app; notes the next time in \p next, 0 where there is none.
    void serve_life(std::uint8_t number, std::uint64_t now, std::uint64_t& next);
    void serve_threads(App& app, std::uint64_t now, std::uint64_t& next);

    [[nodiscard]] App* running_app(std::uint64_t number);
    void report(const Trouble& trouble) { describe(trouble).log_to(parts_.console, msg::no_app); }
    /// Whether an app runs or will run again.
    [[nodiscard]] bool any_left() const;
    [[nodiscard]] std::span<std::uint32_t> bookkeeping_of(std::uint8_t number) const;

    Parts parts_;
    Requests requests_;
    Commands commands_;
    std::span<App> apps_;
    std::array<Life, max_apps> lives_{};
    bool has_changed_ = false;      ///< apps may be started or stopped
    bool timer_is_new_ = false;     ///< since timers were served last
    bool is_stopping_all_ = false;  ///< as stop_all_ says
    bool is_ending_ = false;        ///< told to shut down
    msg::StopCommand stop_all_{};
};

}  // namespace kos::rootserver
