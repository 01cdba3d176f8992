// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/exec_init.hpp"

#include "oci-runtime/policy/attributes.hpp"
#include "oci-runtime/policy/seccomp_install.hpp"
#include "oci-runtime/process/program.hpp"
#include "oci-runtime/rootfs/console.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace kos::oci {

namespace {

Result<void> settle_in(const ExecPlan& plan) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    KOS_TRY(apply_cpu_affinity(plan.process.exec_cpu_affinity.initial,
                               "/process/execCPUAffinity/initial"));
    KOS_TRY(enter(plan.cgroup));
    plan.cgroup = {};
    if (plan.root) {
        KOS_TRY(explain(sys::done(::fchdir(plan.root.get())), "", "the container's root"));
        KOS_TRY(explain(sys::done(::chroot(".")), "", "the container's root"));
        plan.root.reset();
    }
    KOS_TRY(
        apply_cpu_affinity(plan.process.exec_cpu_affinity.final, "/process/execCPUAffinity/final"));
    if (plan.linux_config.has(CLONE_NEWUSER)) {
        KOS_TRY(explain(sys::done(::setresgid(0, 0, 0)), "/linux/gidMappings", "setresgid"));
        KOS_TRY(explain(sys::done(::setresuid(0, 0, 0)), "/linux/uidMappings", "setresuid"));
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    }
    return explain(sys::done(::setsid()), "", "setsid");
}

Result<void> attach_terminal(const ExecPlan& plan, const ChildChannel& channel) {
    if (!plan.process.terminal) return {};
    const RootDirectory root{
        KOS_TRY(explain(sys::open(AT_FDCWD, "/", O_PATH | O_DIRECTORY), "", "/"))};
    Terminal terminal = KOS_TRY(open_terminal(root, plan.process));
    KOS_TRY(channel.tell(Event::Terminal, "", terminal.master.get()));
    terminal.master.reset();
    return adopt_terminal(terminal);
}

/// Ends in the program, or in the failure that this returns.
Result<void> run(const ExecPlan& plan, const ChildChannel& channel) {
    KOS_TRY(settle_in(plan));
    const PrivateProc proc = KOS_TRY(PrivateProc::open());
    KOS_TRY(attach_terminal(plan, channel));
    KOS_TRY(take_credentials({plan.process, plan.linux_config, plan.seccomp, ""}, proc, channel));
    const Program program = KOS_TRY(prepare_program(plan.process));
    KOS_TRY(channel.wait());
    ::prctl(PR_SET_PDEATHSIG, 0);
    KOS_TRY(set_exec_labels(plan.process, proc));
    close_at_exec(plan.preserved_fds);
    reset_signals();
    if (plan.seccomp && plan.process.no_new_privileges) {
        KOS_TRY(load_seccomp(*plan.seccomp, channel));
    }
    return Err{execute(program)};
}

}  // namespace

void run_exec(const ExecPlan& plan, ChildChannel channel) {
    std::vector<sys::Fd> kept{channel.fd(), plan.cgroup.unified.get(), plan.root.get()};
    for (const sys::UniqueFd& procs : plan.cgroup.procs) kept.push_back(procs.get());
    close_all_but(std::move(kept), plan.preserved_fds);
    const auto result = run(plan, channel);
    channel.report(result.error());
    ::_exit(1);
}

}  // namespace kos::oci
