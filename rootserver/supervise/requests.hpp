// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Serves the requests that libos makes for an app (lib/native/manager.hpp).
#pragma once

#include "lib/msg/control_writer.hpp"
#include "lib/sel4/syscall.hpp"
#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/supervise/message.hpp"
#include "rootserver/trouble.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace kos::rootserver {

/// What a request leads to.
struct Outcome {
    /// Nothing: the caller is not answered, it has ended.
    std::optional<sel4::Message> answer;
    /// The app ends with this wait status.
    std::optional<std::uint32_t> exit_status;
    /// A thread's timer has changed.
    bool timer_changed = false;
    /// This app has become what it was waited for.
    std::optional<std::uint8_t> ready_app{};
};

class Requests {
   public:
    /// \p apps: all of the system, by number.
    Requests(const Root& root, msg::ControlWriter& console, std::span<App> apps)
        : root_(root), console_(console), apps_(apps) {}

    /// \p thread of \p app asks. An error is the kernel's: the app cannot go on.
    Attempt<Outcome> serve(App& app, std::uint64_t thread, const Incoming& request);

   private:
    Attempt<Outcome> write(const App& app, const Incoming& request);
    Attempt<Outcome> protect(App& app, Range range, std::uint64_t protection);
    Attempt<bool> protect_own_data(App& app, Range range, std::uint64_t protection);
    Attempt<Outcome> reserve_thread(App& app);
    Attempt<Outcome> start_reserved(App& app, std::uint64_t thread);
    Attempt<Outcome> exit_thread(App& app, std::uint64_t thread);
    Outcome take_news(const App& server);
    Outcome give_lane(const App& server, const Incoming& request);
    Outcome take_lane(const App& server, const Incoming& request);
    App* member(const App& server, sel4::Word word);
    Outcome app_provides(const App& server, const Incoming& request);
    void log(const App& app, const Incoming& request);

    const Root& root_;
    msg::ControlWriter& console_;
    std::span<App> apps_;
};

}  // namespace kos::rootserver
