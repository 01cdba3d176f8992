// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/program/guest.hpp"

#include "kosinit/control/bridge.hpp"
#include "kosinit/control/server.hpp"
#include "kosinit/program/console.hpp"
#include "kosinit/setup/dhcp.hpp"
#include "kosinit/setup/disks.hpp"
#include "kosinit/setup/entropy.hpp"
#include "kosinit/setup/modules.hpp"
#include "kosinit/setup/mounts.hpp"
#include "kosinit/setup/network.hpp"
#include "kosinit/setup/root.hpp"
#include "kosinit/sockets/services.hpp"
#include "kosinit/supervise/inventory.hpp"
#include "kosinit/supervise/kernel_log.hpp"
#include "kosinit/supervise/supervisor.hpp"
#include "lib/linux/file.hpp"

#include <optional>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace kos::init {

namespace {

constexpr int disk_patience_ms = 3000;
constexpr const char* message_folder = "/run/kos";

/// What PID 1 makes of the disks, once, before anything else runs.
class Boot {
   public:
    explicit Boot(Journal& journal) : journal_(journal) {}

    Outcome<Inventory> run() {
        KOS_TRY(mount_first());
        const Console console = open_console();
        journal_.set_console(console.file, console.prefix);
        install_crash_handlers();
        KOS_TRY(load_modules("/lib/modules"));
        KOS_TRY(mount_disks(KOS_TRY(find_disks())));
        Inventory inventory = KOS_TRY(read_inventory("/run/linux2"));
        journal_.set_capacity(inventory.guest.log_ring_bytes);
        journal_.copy_containers_to_console(inventory.guest.console_logs);
        KOS_TRY(enter_root({.has_first = disks_.first.has_value(),
                            .readonly = inventory.guest.readonly,
                            .writable_bytes = inventory.guest.writable_bytes}));
        KOS_TRY(mount_rest());
        KOS_TRY(make_root_read_only());
        KOS_TRY(mount_volumes(inventory.guest.volumes));
        if (const std::string refused = KOS_TRY(mount_cgroups()); !refused.empty()) {
            journal_.tell("control groups without" + refused);
        }
        if (!seed_random()) journal_.tell("there is no source of random bytes yet");
        KOS_TRY(set_up_network(inventory.guest));
        return inventory;
    }

   private:
    Outcome<Disks> find_disks() {
        disks_.second = KOS_TRY(wait_for_disk("linux2", disk_patience_ms));
        disks_.first = find_disk("linux1");
        return disks_;
    }

    static Outcome<void> set_up_network(const GuestConfig& config) {
        KOS_TRY(bring_up_loopback());
        Ipv4Address own = 0;
        std::vector<Ipv4Address> dns_servers;
        for (const InterfaceConfig& interface : config.interfaces) {
            KOS_TRY(bring_up(interface));
            Addressing addressing{interface.address, interface.prefix, interface.gateway};
            if (interface.dhcp) {
                const DhcpAnswer lease = KOS_TRY(ask_for_lease(interface.name));
                addressing = {lease.address, lease.prefix, lease.gateway};
                dns_servers.insert(dns_servers.end(), lease.dns_servers.begin(),
                                   lease.dns_servers.end());
            }
            if (addressing.address == 0) continue;
            KOS_TRY(set_address(interface.name, addressing));
            if (own == 0) own = addressing.address;
        }
        if (own == 0 && config.services) own = config.services->own.front();
        return write_names(config, own, dns_servers);
    }

    Journal& journal_;
    Disks disks_;
};

class Guest {
   public:
    Guest(Context& context, const Inventory& inventory)
        : context_(context),
          config_(inventory.guest),
          supervisor_(context, inventory, [this](bool restart) { on_end(restart); }),
          server_(context, supervisor_),
          bridge_(context, connect_to_host),
          kernel_log_(context.journal) {}

    Outcome<void> begin() {
        supervisor_.on_change([this](Container& container) { changed(container); });
        KOS_TRY(watch_signals());
        KOS_TRY(kernel_log_.watch(context_.loop));
        KOS_TRY(server_.listen(KOS_TRY(listen_vsock(guest::control_port))));
        for (const MessageSocket& socket : config_.messages) {
            KOS_TRY(bridge_.listen(message_folder, socket));
        }
        if (config_.services) {
            services_.emplace(context_, *config_.services,
                              [port = config_.services->port] { return connect_to_host(port); });
            KOS_TRY(services_->begin());
        }
        context_.journal.tell("ready");
        supervisor_.begin();
        return {};
    }

   private:
    Outcome<void> watch_signals() {
        sigset_t set;
        ::sigemptyset(&set);
        for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGPWR}) ::sigaddset(&set, number);
        ::sigprocmask(SIG_BLOCK, &set, nullptr);
        ::signal(SIGPIPE, SIG_IGN);
        signals_.reset(KOS_TRY(explain(sys::check(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)),
                                       ErrorCode::GuestInternal, "signalfd")));
        return explain(
            context_.loop.add(signals_.get(), EPOLLIN, [this](std::uint32_t) { on_signal(); }),
            ErrorCode::GuestInternal, "signalfd", "epoll");
    }

    void on_signal() {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
            if (info.ssi_signo == SIGCHLD) continue;
            context_.journal.tell("asked to end by signal " + std::to_string(info.ssi_signo));
            supervisor_.shut_down(config_.shutdown_ms, info.ssi_signo == SIGINT);
        }
        context_.children.reap();
    }

    void changed(const Container& container) {
        if (container.has_ended()) check_storage();
        server_.container_changed(container);
    }

    /// A container that met ENOSPC may not have said so.
    void check_storage() {
        struct statvfs status {};
        if (was_full_ || ::statvfs("/", &status) != 0 || status.f_bavail > 0) return;
        was_full_ = true;
        const auto bytes = std::uint64_t{status.f_blocks} * status.f_frsize;
        context_.journal.tell(
            Error{ErrorCode::GuestStorage, "/", std::to_string(bytes) + " bytes are used"});
    }

    void on_end(bool restart) {
        server_.finish(config_.report_ms, [this, restart] {
            context_.journal.tell(restart ? "restart" : "power off");
            end_machine(restart);
        });
    }

    Context& context_;
    const GuestConfig& config_;
    Supervisor supervisor_;
    Server server_;
    Bridge bridge_;
    std::optional<Services> services_;
    KernelLog kernel_log_;
    sys::UniqueFd signals_;
    bool was_full_ = false;
};

}  // namespace

void run_guest() {
    ::umask(0022);
    Journal journal{GuestConfig{}.log_ring_bytes};
    // Into the ring alone: when PID 1 began.
    journal.append("", guest::Stream::Guest, "started\n");
    journal.set_console(STDERR_FILENO);
    const auto give_up = [&](const Error& error) {
        journal.tell(error);
        journal.tell("power off");
        end_machine(false);
    };
    auto inventory = Boot{journal}.run();
    if (!inventory) give_up(inventory.error());
    auto loop = sys::EventLoop::create();
    if (!loop) give_up({ErrorCode::GuestInternal, "epoll", sys::describe(loop.error())});
    Timers timers;
    Children children;
    Launcher launcher{*loop, children};
    Context context{*loop, timers, journal, children, launcher};
    Guest guest{context, *inventory};
    const auto begun = guest.begin();
    if (!begun) give_up(begun.error());
    for (;;) {
        const auto ran = loop->run_once(timers.next_ms());
        if (!ran) give_up({ErrorCode::GuestInternal, "epoll", sys::describe(ran.error())});
        timers.run_due();
    }
}

}  // namespace kos::init
