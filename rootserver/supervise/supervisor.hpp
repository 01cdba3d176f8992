// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Starts the apps of the system image and looks after them until the last has ended.
//
//   Inventory ─► each app: spawn, Started ─► requests, faults, timers ─► Exited … ─► Inventory
//                             ▲                                             │        Finished
//                             └────────── where its record says so ◄────────┘
#pragma once

#include "lib/msg/control_writer.hpp"
#include "rootserver/console/interrupt.hpp"
#include "rootserver/console/port.hpp"
#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/supervise/alarm.hpp"
#include "rootserver/supervise/commands.hpp"
#include "rootserver/supervise/crash.hpp"
#include "rootserver/supervise/requests.hpp"
#include "rootserver/trace/tracer.hpp"

#include <cstdint>
#include <span>

namespace kos::rootserver {

class Supervisor {
   public:
    /// Most apps of a system image.
    static constexpr std::size_t max_apps = 16;

    struct Parts {
        const Root& root;
        msg::ControlWriter& console;
        /// Where commands come from; nothing where the console only sends.
        std::optional<ConsoleSource> console_source;
        Interrupt* console_interrupt;
        Alarm& alarm;
        Clock clock;
        sel4::Cap<sel4::Reply> reply;
        /// Words for the books of all apps.
        std::span<std::uint32_t> bookkeeping;
        /// Null where nobody asked for a trace.
        Tracer* tracer = nullptr;
        /// Up to the root server.
        Timeline timeline;
    };
    explicit Supervisor(const Parts& parts)
        : parts_(parts), requests_(parts.root, parts.console), commands_(*this, parts.console) {}
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    /// All of it. Returns when every app has ended and been taken down.
    void run();

    /// Makes and starts an app that is not running. False where that failed: the log says why.
    bool start_app(std::uint8_t number);
    /// Serves messages until no app runs, nor will again.
    void serve();

    /// Sends the app \p signal: it ends by it, unless it ignores it. Where it still runs after
    /// \p milliseconds (or never), it is killed.
    msg::CommandResult stop_app(std::uint8_t number, std::uint32_t signal,
                                std::uint32_t milliseconds);
    [[nodiscard]] std::uint32_t app_count() const {
        return parts_.root.image.manifest().app_count();
    }
    [[nodiscard]] std::string_view name_of(std::uint8_t number) const;
    [[nodiscard]] std::optional<std::uint8_t> app_named(std::string_view name) const;
    [[nodiscard]] msg::StatusRecord status_of(std::uint8_t number) const;
    [[nodiscard]] msg::InventoryRecord memory_left() const {
        return parts_.root.memory.inventory();
    }
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
    void serve_timers();
    /// Starts what is due again; when the next one is, or 0.
    std::uint64_t serve_restarts(std::uint64_t now);

    /// Of one app, over all its starts.
    struct Life {
        std::uint32_t starts = 0;
        std::uint64_t started_at = 0;  ///< counter values; of the last start
        std::uint64_t ended_at = 0;
        std::uint64_t kill_at = 0;     ///< 0: it is not going to be killed
        bool is_told_to_stop = false;  ///< then it is not started again
        msg::ExitRecord last_exit{};
    };

    [[nodiscard]] App* running_app(std::uint64_t number);
    void report(const Trouble& trouble) { describe(trouble).log_to(parts_.console, msg::no_app); }
    /// Whether an app runs or will run again.
    [[nodiscard]] bool any_left() const;
    [[nodiscard]] std::span<std::uint32_t> bookkeeping_of(std::uint8_t number) const;

    Parts parts_;
    Requests requests_;
    Commands commands_;
    std::array<App, max_apps> apps_{};
    std::array<Life, max_apps> lives_{};
    /// Counter values at which apps that have ended are started again; 0: never.
    std::array<std::uint64_t, max_apps> restart_at_{};
    bool restart_is_new_ = false;  ///< since timers were served last
};

}  // namespace kos::rootserver
