// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// exec.
#include "lib/linux/file.hpp"
#include "oci-runtime/cli/command.hpp"
#include "oci-runtime/cli/user_option.hpp"
#include "oci-runtime/process/container_exec.hpp"
#include "oci-runtime/process/foreground.hpp"

#include <array>
#include <charconv>
#include <fcntl.h>

namespace kos::oci {

namespace {

constexpr auto exec_options = std::to_array<Option>({
    {"process", 'p', true, "process.json that describes the process"},
    {"cwd", '\0', true, "working directory"},
    {"env", 'e', true, "NAME=VALUE; may be repeated"},
    {"tty", 't', false, "give it a terminal"},
    {"user", 'u', true, "UID[:GID]"},
    {"additional-gids", 'g', true, "further group id; may be repeated"},
    {"cap", 'c', true, "further capability; may be repeated"},
    {"apparmor", '\0', true, "AppArmor profile"},
    {"process-label", '\0', true, "SELinux label"},
    {"no-new-privs", '\0', false, "set no_new_privs"},
    {"detach", 'd', false, "do not wait for the process"},
    {"pid-file", '\0', true, "file to write the process id to"},
    {"console-socket", '\0', true, "UNIX socket that receives the terminal"},
    {"preserve-fds", '\0', true, "descriptors to pass on besides the standard ones"},
    {"cgroup", '\0', true, "control group below the container's"},
    {"ignore-paused", '\0', false, "execute in a paused container as well"},
    {"no-subreaper", '\0', false, "accepted; there is none"},
});

Result<ExecChanges> read_changes(const Arguments& arguments) {
    ExecChanges changes;
    const auto& words = arguments.positionals();
    changes.args.assign(words.begin() + 1, words.end());
    changes.env = arguments.values("env");
    changes.cwd = arguments.value("cwd");
    if (arguments.has("user")) changes.user = KOS_TRY(parse_user(arguments.value("user")));
    for (const std::string& group : arguments.values("additional-gids")) {
        changes.additional_gids.push_back(KOS_TRY(parse_id(group, "--additional-gids")));
    }
    changes.capabilities = arguments.values("cap");
    changes.apparmor_profile = arguments.value("apparmor");
    changes.selinux_label = arguments.value("process-label");
    changes.terminal = arguments.has("tty");
    changes.no_new_privileges = arguments.has("no-new-privs");
    return changes;
}

Result<int> exec(const Global& global, const Arguments& arguments) {
    ExecOptions options;
    if (arguments.has("process")) {
        const std::string path = arguments.value("process");
        options.process_text =
            KOS_TRY(explain(sys::read_file(AT_FDCWD, path.c_str()), "--process", path));
    }
    options.changes = KOS_TRY(read_changes(arguments));
    options.pid_file = arguments.value("pid-file");
    options.console_socket = arguments.value("console-socket");
    options.cgroup = arguments.value("cgroup");
    options.seccomp_cache = global.seccomp_cache;
    options.preserved_fds = KOS_TRY(preserved_fds(arguments));
    options.ignore_paused = arguments.has("ignore-paused");
    options.warn = [&global](const std::string& text) { global.log.warning(text); };

    const ContainerDirectory directory =
        KOS_TRY(global.store.open(arguments.positionals().front()));
    if (arguments.has("detach")) {
        static_cast<void>(KOS_TRY(exec_in_container(directory, options)));
        return 0;
    }
    const Foreground foreground = KOS_TRY(Foreground::create());
    const Executed executed = KOS_TRY(exec_in_container(directory, options));
    return foreground.wait(executed.pid, executed.pidfd, executed.terminal);
}

constexpr int status_of_failed_exec = 255;

constexpr auto commands = std::to_array<Command>({
    {"exec", "[OPTION…] ID PROGRAM [ARGUMENT…]", "run a further program in a container",
     exec_options, Order::OptionsFirst, 1, any_number, exec, true, status_of_failed_exec},
});

}  // namespace

std::span<const Command> exec_commands() { return commands; }

}  // namespace kos::oci
