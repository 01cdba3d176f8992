// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Starts the apps of the system image and looks after them until the last has ended.
//
//   Inventory ─► each app: spawn, Started ─► requests, faults, timers ─► Exited … ─► Inventory
//                             ▲                                             │        Finished
//                             └────────── where its record says so ◄────────┘
#pragma once

#include "lib/msg/control_writer.hpp"
#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/supervise/alarm.hpp"
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
        Alarm& alarm;
        Clock clock;
        sel4::Cap<sel4::Reply> reply;
        /// Words for the books of all apps.
        std::span<std::uint32_t> bookkeeping;
        /// Null where nobody asked for a trace.
        Tracer* tracer = nullptr;
    };
    explicit Supervisor(const Parts& parts) : parts_(parts), requests_(parts.root, parts.console) {}

    /// All of it. Returns when every app has ended and been taken down.
    void run();

    /// Makes and starts an app that is not running. False where that failed: the log says why.
    bool start_app(std::uint8_t number);
    /// Serves messages until no app runs, nor will again.
    void serve();

   private:
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

    [[nodiscard]] App* running_app(std::uint64_t number);
    /// Whether an app runs or will run again.
    [[nodiscard]] bool any_left() const;
    [[nodiscard]] std::span<std::uint32_t> bookkeeping_of(std::uint8_t number) const;

    Parts parts_;
    Requests requests_;
    std::array<App, max_apps> apps_{};
    std::array<std::uint32_t, max_apps> starts_{};
    /// Counter values at which apps that have ended are started again; 0: never.
    std::array<std::uint64_t, max_apps> restart_at_{};
    bool restart_is_new_ = false;  ///< since timers were served last
};

}  // namespace kos::rootserver
