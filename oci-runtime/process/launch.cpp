// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/launch.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/mount.hpp"
#include "lib/linux/process.hpp"
#include "oci-runtime/process/bundle.hpp"
#include "oci-runtime/process/container_init.hpp"
#include "oci-runtime/process/credentials.hpp"
#include "oci-runtime/process/handover.hpp"
#include "oci-runtime/process/hook_runner.hpp"
#include "oci-runtime/process/id_maps.hpp"
#include "oci-runtime/process/namespaces.hpp"
#include "oci-runtime/process/net_devices.hpp"
#include "oci-runtime/process/removal.hpp"
#include "oci-runtime/process/seccomp_agent.hpp"
#include "oci-runtime/process/seccomp_setup.hpp"
#include "oci-runtime/state/status.hpp"
#include "oci-runtime/systemd/scope.hpp"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

namespace kos::oci {

namespace {

/// One launch, from the bundle to the created or running container.
class Launch {
   public:
    Launch(const StateStore& store, const LaunchOptions& options, bool two_steps)
        : store_(store), options_(options), two_steps_(two_steps) {}

    Result<Launched> run() {
        bundle_ = KOS_TRY(load_bundle(options_.bundle, options_.config_file));
        for (const std::string& text : drop_what_has_no_effect(bundle_.config)) options_.warn(text);
        KOS_TRY(check_terminal());
        tell_listen_fds();
        seccomp_ = KOS_TRY(
            prepare_seccomp(bundle_.config, {bundle_.path, options_.seccomp_cache}, options_.warn));
        directory_ = KOS_TRY(store_.create(options_.id));
        auto launched = launch();
        if (!launched) {
            clean_up();
            return Err{launched.error()};
        }
        return Launched{std::move(*directory_), std::move(record_), std::move(bundle_.config),
                        std::move(child_.pidfd), std::move(terminal_)};
    }

   private:
    [[nodiscard]] const LinuxConfig& linux_config() const { return bundle_.config.linux_config; }

    Result<void> check_terminal() const {
        const bool terminal = bundle_.config.process && bundle_.config.process->terminal;
        if (terminal && two_steps_ && options_.console_socket.empty()) {
            return fail("--console-socket", "is needed: /process/terminal is true");
        }
        if (!terminal && !options_.console_socket.empty()) {
            return fail("--console-socket", "is of no use: /process/terminal is not true");
        }
        return {};
    }

    /// As sd_listen_fds(3) looks for them, and runc and crun give them.
    void tell_listen_fds() {
        if (options_.listen_fds == 0 || !bundle_.config.process) return;
        auto& environment = bundle_.config.process->env;
        environment.push_back("LISTEN_FDS=" + std::to_string(options_.listen_fds));
        environment.emplace_back("LISTEN_PID=1");
    }

    Result<void> launch() {
        KOS_TRY(directory_->lock());
        KOS_TRY(make_record());
        KOS_TRY(make_cgroup());
        KOS_TRY(fork_init());
        KOS_TRY(note_process());
        KOS_TRY(accompany());
        placeholder_.end();  // on v1 the container's process has gone into the group only now
        directory_->unlock();
        return {};
    }

    /// Written before anything is made: whoever finds it after a crash knows what to remove.
    Result<void> make_record() {
        record_.id = options_.id;
        record_.bundle = bundle_.path;
        record_.rootfs = bundle_.rootfs;
        record_.created = timestamp_now();
        record_.owner = ::geteuid();
        record_.version = bundle_.config.version;
        record_.annotations = bundle_.config.annotations;
        if (options_.cgroup_manager == CgroupManager::Systemd) {
            unit_ =
                KOS_TRY(parse_unit(linux_config().cgroups_path, options_.id, has_own_manager()));
            for (const auto& [key, value] : record_.annotations) {
                if (key.starts_with("org.systemd.property.")) {
                    options_.warn("/annotations/" + key + ": is not handed to systemd");
                }
            }
        } else if (options_.cgroup_manager == CgroupManager::Files) {
            cgroup_ = KOS_TRY(Cgroup::plan(linux_config().cgroups_path, options_.id));
        }
        record_.cgroups = cgroup_.folders();
        if (const auto& rdt = linux_config().intel_rdt) {
            record_.resctrl = KOS_TRY(ResctrlGroup::plan(*rdt, options_.id));
        }
        KOS_TRY(directory_->save_config(bundle_.text));
        if (!linux_config().has(CLONE_NEWNS)) {
            record_.mount_below_root =
                KOS_TRY(explain(sys::mount_id(record_.rootfs), "/root/path", record_.rootfs));
        }
        // Without groups there is nothing to be found but the process, which comes with its record.
        if (cgroup_.empty() && record_.resctrl.empty() && record_.mount_below_root == 0) return {};
        return directory_->save(record_);
    }

    /// systemd's scope, then what it leaves to us: hierarchies that it does not manage, limits that
    /// it has no settings for.
    Result<void> start_unit() {
        const bool unified = KOS_TRY(Cgroup::plan("/scope", "")).unified();
        StartedScope scope = KOS_TRY(start_scope(unit_, linux_config().resources, unified));
        placeholder_ = std::move(scope.placeholder);
        // Not before: a unit of this name may have been another's. If we are killed here, the
        // placeholder dies as well, and the unit with it.
        record_.systemd_unit = unit_.name;
        cgroup_ = KOS_TRY(Cgroup::plan(scope.path, options_.id));
        record_.cgroups = cgroup_.folders();
        return directory_->save(record_);
    }

    Result<void> make_cgroup() {
        if (options_.cgroup_manager == CgroupManager::Systemd) KOS_TRY(start_unit());
        auto made = cgroup_.create();
        if (!made && ::geteuid() != 0 && linux_config().cgroups_path.empty()) {
            // Without privilege and without a wish for a place, the caller's groups will do.
            cgroup_ = Cgroup{};
            record_.cgroups.clear();
            made = {};
        }
        KOS_TRY(std::move(made));
        KOS_TRY(cgroup_.apply(linux_config().resources));
        entrance_ = KOS_TRY(cgroup_.open_entrance());
        if (const auto& rdt = linux_config().intel_rdt) KOS_TRY(record_.resctrl.create(*rdt));
        return {};
    }

    Result<void> fork_init() {
        const bool user_namespace = linux_config().has(CLONE_NEWUSER);
        // Who is not root may clone mounts only where root of the new namespace does it.
        const bool all_binds = user_namespace && ::geteuid() == 0;
        mounts_ = KOS_TRY(prepare_mounts(bundle_.config, all_binds));
        const NamespacesToJoin join = KOS_TRY(open_namespaces(linux_config()));
        sys::UniqueFd fifo;
        if (two_steps_) {
            KOS_TRY(directory_->make_fifo());
            fifo = KOS_TRY(explain(directory_->open_fifo(O_PATH), "exec.fifo", "opening"));
        }
        auto [ours, theirs] = KOS_TRY(explain(sys::socket_pair(), "", "socketpair"));
        ChildChannel child_end{std::move(theirs)};
        channel_.emplace(std::move(ours));
        child_ = KOS_TRY(fork_into(
            join, {.flags = flags_to_clone(linux_config()), .cgroup = entrance_.unified.get()},
            *channel_, child_end));
        if (child_.pid != 0) return {};
        placeholder_.forget();
        const InitPlan plan{.config = bundle_.config,
                            .record = record_,
                            .mounts = mounts_,
                            .cgroup = entrance_,
                            .seccomp = seccomp_,
                            .fifo = fifo.get(),
                            .no_pivot = options_.no_pivot,
                            .new_keyring = options_.new_keyring,
                            .preserved_fds = options_.preserved_fds};
        run_init(plan, std::move(child_end));
    }

    Result<void> note_process() {
        if (bundle_.config.process) {
            KOS_TRY(
                set_oom_score_from_outside(child_.pid, *bundle_.config.process, linux_config()));
        }
        if (linux_config().makes(CLONE_NEWUSER)) {
            KOS_TRY(write_id_maps(child_.pid, linux_config()));
            KOS_TRY(channel_->go());
        }
        record_.pid = child_.pid;
        const auto status =
            KOS_TRY(explain(sys::status_of(child_.pid), "", "looking at the container's process"));
        record_.start_time = status.start_time;
        record_.setup_done = !two_steps_;
        KOS_TRY(directory_->save(record_));
        KOS_TRY(record_.resctrl.add(child_.pid));
        KOS_TRY(move_net_devices(linux_config(), child_.pid));
        return write_pid_file(options_.pid_file, child_.pid);
    }

    [[nodiscard]] bool has_runtime_hooks() const {
        return !bundle_.config.hooks.prestart.empty() ||
               !bundle_.config.hooks.create_runtime.empty();
    }

    /// Serves the child until it waits for `start`, or runs the program.
    Result<void> accompany() {
        if (!has_runtime_hooks()) KOS_TRY(channel_->go());
        for (;;) {
            auto event = KOS_TRY(channel_->next());
            if (!event) return two_steps_ ? ended_early() : start_hooks();
            if (event->event == Event::Ready) return finish_creation();
            KOS_TRY(serve(*event));
        }
    }

    Result<void> serve(EventMessage& event) {
        switch (event.event) {
            case Event::Warning:
                options_.warn(event.text);
                return {};
            case Event::RunHooks:
                return run_runtime_hooks();
            case Event::Terminal:
                if (!options_.console_socket.empty()) {
                    return send_terminal(options_.console_socket, event.descriptor);
                }
                terminal_ = std::move(event.descriptor);
                return {};
            case Event::Listener:
                KOS_TRY(hand_over_listener(*linux_config().seccomp, record_, child_.pidfd.get(),
                                           event.text));
                return channel_->go();
            default:
                return fail("", "unexpected message from the container's process");
        }
    }

    Result<void> run_runtime_hooks() {
        // The deprecated kind was defined, in runtime-spec 1.0, as run by `start`: what was written
        // for it expects "created", which crun gives it as well.
        KOS_TRY(run_hooks(bundle_.config.hooks.prestart, "prestart",
                          state_document(record_, Status::Created)));
        KOS_TRY(run_hooks(bundle_.config.hooks.create_runtime, "createRuntime",
                          state_document(record_, Status::Creating)));
        KOS_TRY(channel_->go());
        return channel_->go();
    }

    Result<void> finish_creation() {
        record_.setup_done = true;
        return directory_->save(record_);
    }

    Result<void> start_hooks() {
        if (bundle_.config.hooks.poststart.empty()) return {};
        return run_hooks(bundle_.config.hooks.poststart, "poststart",
                         state_document(record_, Status::Running));
    }

    [[nodiscard]] Result<void> ended_early() const {
        const auto status = sys::reap(child_.pid);
        return fail("", "the container's process ended while it was set up (exit status " +
                            std::to_string(status ? sys::exit_code_of(*status) : -1) + ")");
    }

    void clean_up() {
        if (channel_) channel_->close();
        if (child_.pid != 0) {
            static_cast<void>(sys::send_signal(child_.pidfd.get(), SIGKILL));
            static_cast<void>(sys::reap(child_.pid));
            if (!options_.pid_file.empty()) ::unlink(options_.pid_file.c_str());
        }
        const auto removed = remove_traces(*directory_, record_, bundle_.config.hooks,
                                           child_.pid != 0, options_.warn);
        if (!removed) options_.warn(removed.error().text());
    }

    const StateStore& store_;
    const LaunchOptions& options_;
    bool two_steps_;
    Bundle bundle_;
    std::optional<SeccompSetup> seccomp_;
    std::optional<ContainerDirectory> directory_;
    ContainerRecord record_;
    Cgroup cgroup_;
    CgroupEntrance entrance_;
    SystemdUnit unit_;
    ScopePlaceholder placeholder_;
    PreparedMounts mounts_;
    std::optional<RuntimeChannel> channel_;
    sys::Child child_;
    sys::UniqueFd terminal_;
};

}  // namespace

Result<Launched> create_container(const StateStore& store, const LaunchOptions& options) {
    return Launch{store, options, true}.run();
}

Result<Launched> run_container(const StateStore& store, const LaunchOptions& options) {
    return Launch{store, options, false}.run();
}

}  // namespace kos::oci
