// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/program.hpp"

#include "oci-runtime/process/executable.hpp"
#include "oci-runtime/process/strings.hpp"

#include <algorithm>
#include <linux/close_range.h>
#include <signal.h>
#include <unistd.h>

namespace kos::oci {

Result<void> set_exec_labels(const Process& process, const PrivateProc& proc) {
    if (!process.apparmor_profile.empty()) {
        const std::string text = "exec " + process.apparmor_profile;
        auto written = proc.write("thread-self/attr/apparmor/exec", text);
        if (!written && written.error() == ENOENT) {
            written = proc.write("thread-self/attr/exec", text);
        }
        KOS_TRY(explain(std::move(written), "/process/apparmorProfile",
                        "\"" + process.apparmor_profile + "\" cannot be applied"));
    }
    if (process.selinux_label.empty()) return {};
    return explain(proc.write("thread-self/attr/exec", process.selinux_label),
                   "/process/selinuxLabel", "\"" + process.selinux_label + "\" cannot be applied");
}

Result<Program> prepare_program(const Process& process) {
    if (process.args.empty()) return fail("/process/args", "must not be empty");
    return Program{KOS_TRY(find_executable(process)), process.args, complete_environment(process)};
}

Failure execute(const Program& program) {
    const auto args = pointers_to(program.args);
    const auto environment = pointers_to(program.environment);
    ::execve(program.path.c_str(), args.data(), environment.data());
    return {"/process/args/0",
            "exec: \"" + program.path + "\": " + sys::describe(sys::Errno{errno})};
}

void close_at_exec(unsigned preserved) { ::close_range(3 + preserved, ~0u, CLOSE_RANGE_CLOEXEC); }

void close_all_but(std::vector<sys::Fd> kept, unsigned preserved) {
    std::ranges::sort(kept);
    unsigned next = 3 + preserved;
    for (const sys::Fd fd : kept) {
        if (fd < 0 || static_cast<unsigned>(fd) < next) continue;
        const auto number = static_cast<unsigned>(fd);
        if (number > next) ::close_range(next, number - 1, 0);
        next = number + 1;
    }
    ::close_range(next, ~0u, 0);
}

void reset_signals() {
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace kos::oci
