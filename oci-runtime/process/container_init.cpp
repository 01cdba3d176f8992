// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/container_init.hpp"

#include "lib/linux/file.hpp"
#include "oci-runtime/policy/seccomp_install.hpp"
#include "oci-runtime/process/hook_runner.hpp"
#include "oci-runtime/process/host_names.hpp"
#include "oci-runtime/process/program.hpp"
#include "oci-runtime/rootfs/console.hpp"
#include "oci-runtime/rootfs/rootfs.hpp"
#include "oci-runtime/state/status.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kos::oci {

namespace {

/// Where setgroups(2) is never denied. The kernel gives this namespace a fixed number
/// (linux/proc_ns.h, PROC_USER_INIT_INO).
bool in_initial_user_namespace() {
    constexpr ino_t initial = 0xefff'fffd;
    const auto status = sys::stat(AT_FDCWD, "/proc/self/ns/user");
    return status && status->st_ino == initial;
}

class Init {
   public:
    Init(const InitPlan& plan, ChildChannel& channel) : plan_(plan), channel_(channel) {}

    /// Ends in the program, or in the failure that this returns.
    Result<void> run() {
        KOS_TRY(settle_in());
        const PrivateProc proc = needs_proc() ? KOS_TRY(PrivateProc::open()) : PrivateProc{};
        KOS_TRY(set_names());
        KOS_TRY(apply_sysctls(linux_config(), proc));
        KOS_TRY(build_root());
        KOS_TRY(become_process(proc));
        return start_program(proc);
    }

   private:
    [[nodiscard]] const Config& config() const { return plan_.config; }
    [[nodiscard]] const LinuxConfig& linux_config() const { return plan_.config.linux_config; }

    /// A procfs costs a tenth of a launch: it is mounted for those that write to it, wait for
    /// `start`, or may find setgroups(2) denied.
    [[nodiscard]] bool needs_proc() const {
        const auto& process = config().process;
        return plan_.fifo >= 0 || !linux_config().sysctl.empty() ||
               linux_config().has(CLONE_NEWUSER) || !in_initial_user_namespace() ||
               (process && (process->oom_score_adj || !process->apparmor_profile.empty() ||
                            !process->selinux_label.empty()));
    }

    /// Own death if the runtime dies, own ids, session, control group.
    Result<void> settle_in() {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (linux_config().has(CLONE_NEWUSER)) {
            if (linux_config().makes(CLONE_NEWUSER)) KOS_TRY(channel_.wait());
            KOS_TRY(explain(sys::done(::setresgid(0, 0, 0)), "/linux/gidMappings", "setresgid"));
            KOS_TRY(explain(sys::done(::setresuid(0, 0, 0)), "/linux/uidMappings", "setresuid"));
            // A change of user forgets the wish to die with the parent.
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        }
        ::prctl(PR_SET_DUMPABLE, 0);
        KOS_TRY(explain(sys::check(::setsid()), "", "setsid"));
        KOS_TRY(enter(plan_.cgroup));
        plan_.cgroup = {};
        if (!linux_config().makes(CLONE_NEWCGROUP)) return {};
        return explain(sys::done(::unshare(CLONE_NEWCGROUP)), "/linux/namespaces",
                       "making a cgroup namespace");
    }

    Result<void> set_names() {
        if (linux_config().makes(CLONE_NEWNET)) KOS_TRY(bring_up_loopback());
        return set_host_names(config());
    }

    Result<void> build_root() {
        const mode_t callers_mask = ::umask(0);
        const RootDirectory root = KOS_TRY(enter_root_mount(config(), plan_.record.rootfs));
        KOS_TRY(fill_root(root, config(), plan_.mounts));
        plan_.mounts.clear();
        if (config().process && config().process->terminal) KOS_TRY(make_terminal(root));
        KOS_TRY(run_creation_hooks());
        KOS_TRY(seal_root(root, config()));
        KOS_TRY(change_root(root, config(), plan_.no_pivot));
        ::umask(callers_mask);
        return {};
    }

    Result<void> make_terminal(const RootDirectory& root) {
        terminal_ = KOS_TRY(open_terminal(root, *config().process));
        KOS_TRY(mount_console(root, *terminal_));
        KOS_TRY(channel_.tell(Event::Terminal, "", terminal_->master.get()));
        terminal_->master.reset();
        return {};
    }

    Result<void> run_creation_hooks() {
        const Hooks& hooks = config().hooks;
        if (!hooks.prestart.empty() || !hooks.create_runtime.empty()) {
            KOS_TRY(channel_.tell(Event::RunHooks));
            KOS_TRY(channel_.wait());
        }
        return run_hooks(hooks.create_container, "createContainer", state(Status::Creating));
    }

    /// The state as seen from inside.
    [[nodiscard]] std::string state(Status status) const {
        ContainerRecord seen = plan_.record;
        seen.pid = ::getpid();
        return state_document(seen, status);
    }

    Result<void> become_process(const PrivateProc& proc) {
        if (!config().process) return fail("/process", "is missing: there is nothing to start");
        if (terminal_) KOS_TRY(adopt_terminal(*terminal_));
        const std::string keyring = plan_.new_keyring ? "_ses." + plan_.record.id : "";
        KOS_TRY(take_credentials({*config().process, linux_config(), plan_.seccomp, keyring}, proc,
                                 channel_));
        program_ = KOS_TRY(prepare_program(*config().process));
        // A listener is handed over while the runtime is there to take it.
        if (loads_seccomp_last() && has_listener()) {
            KOS_TRY(load_seccomp(*plan_.seccomp, channel_));
        }
        return {};
    }

    [[nodiscard]] bool loads_seccomp_last() const {
        return plan_.seccomp && config().process->no_new_privileges;
    }
    [[nodiscard]] bool has_listener() const { return needs_listener(*linux_config().seccomp); }

    Result<void> start_program(const PrivateProc& proc) {
        KOS_TRY(channel_.wait());
        ::prctl(PR_SET_PDEATHSIG, 0);
        const bool two_steps = plan_.fifo >= 0;
        sys::UniqueFd fifo;
        if (two_steps) fifo = KOS_TRY(wait_for_start(proc));
        auto failed = run_program(proc);
        if (fifo) static_cast<void>(sys::write_all(fifo.get(), failed.text()));
        return Err{std::move(failed)};
    }

    /// Blocks until `start` opens the other end. That end reads as closed once the program runs.
    Result<sys::UniqueFd> wait_for_start(const PrivateProc& proc) {
        KOS_TRY(channel_.tell(Event::Ready));
        const std::string path = "self/fd/" + std::to_string(plan_.fifo);
        for (;;) {
            auto fifo = sys::open(proc.fd(), path.c_str(), O_WRONLY);
            if (!fifo && fifo.error() == EINTR) continue;
            return explain(std::move(fifo), "", "waiting for start");
        }
    }

    /// Returns only the failure.
    Failure run_program(const PrivateProc& proc) {
        const auto prepared = [&]() -> Result<void> {
            KOS_TRY(run_hooks(config().hooks.start_container, "startContainer",
                              state(Status::Created)));
            KOS_TRY(set_exec_labels(*config().process, proc));
            close_at_exec(plan_.preserved_fds);
            reset_signals();
            if (!loads_seccomp_last() || has_listener()) return {};
            return load_seccomp(*plan_.seccomp, channel_);
        }();
        return prepared ? execute(program_) : prepared.error();
    }

    const InitPlan& plan_;
    ChildChannel& channel_;
    std::optional<Terminal> terminal_;
    Program program_;
};

}  // namespace

void run_init(const InitPlan& plan, ChildChannel channel) {
    std::vector<sys::Fd> kept{channel.fd(), plan.fifo, plan.cgroup.unified.get()};
    for (const sys::UniqueFd& procs : plan.cgroup.procs) kept.push_back(procs.get());
    for (const auto& [index, mount] : plan.mounts) kept.push_back(mount.get());
    close_all_but(std::move(kept), plan.preserved_fds);
    const auto result = Init{plan, channel}.run();
    channel.report(result.error());
    ::_exit(1);
}

}  // namespace kos::oci
