// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/container_exec.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/process.hpp"
#include "oci-runtime/process/credentials.hpp"
#include "oci-runtime/process/exec_init.hpp"
#include "oci-runtime/process/handover.hpp"
#include "oci-runtime/process/namespaces.hpp"
#include "oci-runtime/process/seccomp_agent.hpp"
#include "oci-runtime/process/seccomp_setup.hpp"
#include "oci-runtime/spec/capability_names.hpp"
#include "oci-runtime/state/status.hpp"

#include <sched.h>
#include <signal.h>

namespace kos::oci {

namespace {

/// Inheritable capabilities stay empty (CVE-2022-27650), and so do ambient ones, which need them.
Result<void> add_capabilities(Process& process, const std::vector<std::string>& names) {
    Capabilities sets = process.capabilities.value_or(Capabilities{});
    for (const std::string& name : names) {
        const auto number = capability_number(name);
        if (!number) return fail("--cap", "unknown capability \"" + name + "\"");
        const std::uint64_t bit = std::uint64_t{1} << *number;
        sets.bounding |= bit;
        sets.effective |= bit;
        sets.permitted |= bit;
    }
    sets.inheritable = 0;
    sets.ambient = 0;
    process.capabilities = sets;
    return {};
}

Result<Process> make_process(const Config& config, const ExecOptions& options) {
    if (options.process_text) return parse_process(*options.process_text);
    if (!config.process) return fail("/process", "the container has none to take after");
    const ExecChanges& changes = options.changes;
    Process process = *config.process;
    if (changes.args.empty()) return fail("exec", "there is no program to execute");
    process.args = changes.args;
    process.env.insert(process.env.end(), changes.env.begin(), changes.env.end());
    process.terminal = changes.terminal;
    process.console_size = changes.console_size;
    if (!changes.cwd.empty()) process.cwd = changes.cwd;
    if (!process.cwd.starts_with('/')) return fail("--cwd", "must be an absolute path");
    if (changes.user) {
        process.user = *changes.user;
        process.user.umask = config.process->user.umask;
    }
    auto& groups = process.user.additional_gids;
    groups.insert(groups.end(), changes.additional_gids.begin(), changes.additional_gids.end());
    if (!changes.apparmor_profile.empty()) process.apparmor_profile = changes.apparmor_profile;
    if (!changes.selinux_label.empty()) process.selinux_label = changes.selinux_label;
    if (changes.no_new_privileges) process.no_new_privileges = true;
    KOS_TRY(add_capabilities(process, changes.capabilities));
    return process;
}

std::uint64_t all_namespaces(const LinuxConfig& config) {
    std::uint64_t flags = 0;
    for (const Namespace& entry : config.namespaces) flags |= entry.flag;
    return flags;
}

class Exec {
   public:
    Exec(const ContainerDirectory& directory, const ExecOptions& options)
        : directory_(directory), options_(options) {}

    Result<Executed> run() {
        record_ = KOS_TRY(directory_.load());
        config_ = KOS_TRY(parse_config(KOS_TRY(directory_.load_config())));
        process_ = KOS_TRY(make_process(config_, options_));
        KOS_TRY(check_terminal());
        seccomp_ = KOS_TRY(
            prepare_seccomp(config_, {record_.bundle, options_.seccomp_cache}, options_.warn));
        KOS_TRY(join_container());
        KOS_TRY(fork_process());
        auto started = accompany();
        if (!started) {
            static_cast<void>(sys::send_signal(child_.pidfd.get(), SIGKILL));
            static_cast<void>(sys::reap(child_.pid));
            return Err{started.error()};
        }
        return Executed{child_.pid, std::move(child_.pidfd), std::move(terminal_)};
    }

   private:
    Result<void> check_terminal() const {
        if (process_.terminal || options_.console_socket.empty()) return {};
        return fail("--console-socket", "is of no use without a terminal");
    }

    Result<void> join_container() {
        const std::string where = "container " + record_.id;
        const Status status = status_of(directory_, record_);
        auto process = open_process(record_);
        if (!process || status == Status::Creating) {
            return fail(where, "container not running");
        }
        if (status == Status::Paused && !options_.ignore_paused) return fail(where, "is paused");
        join_.process = std::move(*process);
        join_.process_flags = all_namespaces(config_.linux_config);
        if (!config_.linux_config.has(CLONE_NEWNS)) KOS_TRY(open_root());
        const Cgroup cgroup{record_.cgroups};
        entrance_ = KOS_TRY(cgroup.open_entrance(options_.cgroup));
        return {};
    }

    /// The pidfd is open: it is the process's own, or the process has ended and this fails.
    Result<void> open_root() {
        const std::string path = "/proc/" + std::to_string(record_.pid) + "/root";
        root_ = KOS_TRY(explain(sys::open(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY),
                                "container " + record_.id, path));
        if (!sys::has_ended(join_.process.get())) return {};
        return fail("container " + record_.id, "container not running");
    }

    Result<void> fork_process() {
        auto [ours, theirs] = KOS_TRY(explain(sys::socket_pair(), "", "socketpair"));
        ChildChannel child_end{std::move(theirs)};
        channel_.emplace(std::move(ours));
        child_ = KOS_TRY(fork_into(join_, {.flags = 0, .cgroup = entrance_.unified.get()},
                                   *channel_, child_end));
        if (child_.pid != 0) return {};
        run_exec(
            {process_, config_.linux_config, entrance_, seccomp_, options_.preserved_fds, root_},
            std::move(child_end));
    }

    Result<void> accompany() {
        KOS_TRY(write_pid_file(options_.pid_file, child_.pid));
        KOS_TRY(set_oom_score_from_outside(child_.pid, process_, config_.linux_config));
        KOS_TRY(record_.resctrl.add(child_.pid));
        KOS_TRY(channel_->go());
        for (;;) {
            auto event = KOS_TRY(channel_->next());
            if (!event) return {};
            switch (event->event) {
                case Event::Warning:
                    options_.warn(event->text);
                    break;
                case Event::Terminal:
                    KOS_TRY(take_terminal(*event));
                    break;
                case Event::Listener:
                    KOS_TRY(hand_over_listener(*config_.linux_config.seccomp, record_,
                                               child_.pidfd.get(), event->text));
                    KOS_TRY(channel_->go());
                    break;
                default:
                    return fail("", "unexpected message from the process");
            }
        }
    }

    Result<void> take_terminal(EventMessage& event) {
        if (!options_.console_socket.empty()) {
            return send_terminal(options_.console_socket, event.descriptor);
        }
        terminal_ = std::move(event.descriptor);
        return {};
    }

    const ContainerDirectory& directory_;
    const ExecOptions& options_;
    ContainerRecord record_;
    Config config_;
    Process process_;
    std::optional<SeccompSetup> seccomp_;
    NamespacesToJoin join_;
    CgroupEntrance entrance_;
    sys::UniqueFd root_;
    std::optional<RuntimeChannel> channel_;
    sys::Child child_;
    sys::UniqueFd terminal_;
};

}  // namespace

Result<Executed> exec_in_container(const ContainerDirectory& directory,
                                   const ExecOptions& options) {
    return Exec{directory, options}.run();
}

}  // namespace kos::oci
