// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The process of an instance: looks after a run, keeps its state and logs in its folder, and
// answers on its socket.
//
//   Owner::create ─► set_apps ─► the run: listener and attendant ─► finish
#pragma once

#include "cli/control/attendant.hpp"
#include "cli/instance/folder.hpp"
#include "cli/instance/guest_line.hpp"
#include "cli/instance/guest_sockets.hpp"
#include "cli/instance/host_ports.hpp"
#include "cli/instance/log.hpp"
#include "cli/instance/server.hpp"
#include "cli/instance/state.hpp"
#include "cli/run/session.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kos::instance {

struct OwnerOptions {
    std::string name;
    std::string target;  ///< target_simulator or target_qemu
    Folder::Existing existing = Folder::Existing::Refuse;
    bool removes_itself = false;   ///< its folder goes with it
    bool waits_when_idle = false;  ///< for commands, where no app can run
    bool stays = false;            ///< so does the system itself
    /// What the run is shown to besides; outlives the owner.
    run::Listener* shown = nullptr;
    /// Called once every app has been started or, where not \p all_started, could not be.
    std::function<void(bool all_started)> up;
};

/// What the apps are given, as `kos inspect` prints it; in the instance's folder for as long as it
/// is there.
struct Inspection {
    std::string text, json;
};

/// KOS-E-INSTANCE-FOLDER where it is not there: the instance still packs, or another kos made it.
[[nodiscard]] Outcome<std::string> read_inspection(const Folder& folder, bool as_json);

class Owner final : public control::Attendant, public run::Listener {
   public:
    /// \p signals looks after signals to the process; outlives the owner. KOS-E-INSTANCE-EXISTS
    /// where the name is taken.
    static Outcome<std::unique_ptr<Owner>> create(OwnerOptions options,
                                                  control::Attendant& signals);
    /// Without finish(): an error of kos's own.
    ~Owner() override;
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;

    /// Before the run.
    Outcome<void> set_apps(std::vector<App> apps, const Inspection& inspection);
    /// Likewise. \p gateway: number of the app through which the ports lead to services.
    Outcome<void> set_ports(HostPorts ports, std::uint8_t gateway);
    /// What the root server had left, before the first app and after the last.
    void set_inventory(const std::optional<msg::InventoryRecord>& before,
                       const std::optional<msg::InventoryRecord>& after);
    /// After the run: writes what is left to be told, with the exit status of the command. An
    /// instance that never had apps leaves nothing.
    void finish(int exit_status);

    [[nodiscard]] sys::Fd fd() const override { return loop_.fd(); }
    std::optional<std::string> attend() override;
    void set_guests(control::GuestLinks* guests) override;
    void frames_lost() override;
    void acknowledged(std::uint32_t sequence) override { signals_.acknowledged(sequence); }
    [[nodiscard]] bool is_waited_for() const override {
        return guest_line_ && guest_line_->port_clients() != 0;
    }
    [[nodiscard]] bool waits_when_idle() const override {
        return options_.waits_when_idle || signals_.waits_when_idle();
    }

    void app_output(std::uint8_t app, bool is_error, Bytes bytes) override;
    void log(std::string_view line) override;
    void app_log(std::uint8_t app, std::string_view line) override;
    void console(std::string_view line) override;
    void app_started(std::uint8_t app) override;
    void app_exited(std::uint8_t app, std::uint32_t wait_status) override;
    void app_cancelled(std::uint8_t app) override;
    void app_failed(std::uint8_t app, const Error& why) override;
    void trace(Bytes records) override;
    void answer(const msg::Frame& frame) override;

   private:
    Owner(OwnerOptions options, control::Attendant& signals, Folder folder, sys::EventLoop loop);

    GuestLine& line();
    sys::Acceptor::Log to_log();
    void changed();
    void tell_up();
    void tell_up(bool all_started);
    void carried_out(const Request& request);
    void reconcile(std::uint8_t app, const msg::StatusRecord& status);

    OwnerOptions options_;
    control::Attendant& signals_;
    Folder folder_;
    sys::EventLoop loop_;
    LogWriter log_;
    State state_;
    std::unique_ptr<Server> server_;
    /// To guests of a target that has nothing faster, and to the gateway.
    std::unique_ptr<GuestLine> guest_line_;
    std::optional<HostPorts> ports_;
    std::unique_ptr<GuestSockets> guest_sockets_;
    std::map<std::uint8_t, std::uint32_t> generations_;  ///< starts, as the target counts them
    Server::Clock::time_point states_asked_{};
    bool is_told_ = false;
    bool is_finished_ = false;
};

}  // namespace kos::instance
