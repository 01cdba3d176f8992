// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/hook_runner.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/process.hpp"
#include "oci-runtime/process/strings.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace kos::oci {

namespace {

using sys::UniqueFd;

/// A pipe that holds all of `text`: no hook that does not read can hold us up, or kill us.
sys::Result<UniqueFd> pipe_with(const std::string& text) {
    sys::Pipe pipe = KOS_TRY(sys::make_pipe());
    constexpr std::size_t usual_capacity = 65536;
    if (text.size() > usual_capacity) {
        KOS_TRY(sys::check(::fcntl(pipe.write.get(), F_SETPIPE_SZ, static_cast<int>(text.size()))));
    }
    const ssize_t written =
        KOS_TRY(sys::check(::write(pipe.write.get(), text.data(), text.size())));
    if (static_cast<std::size_t>(written) != text.size()) return Err{sys::Errno{E2BIG}};
    return std::move(pipe.read);
}

[[noreturn]] void become(const Hook& hook, sys::Fd input) {
    constexpr int not_started = 127;
    ::dup2(input, 0);
    ::close_range(3, ~0u, 0);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::vector<std::string> args = hook.args;
    if (args.empty()) args.push_back(hook.path);
    ::execve(hook.path.c_str(), pointers_to(args).data(), pointers_to(hook.env).data());
    ::_exit(not_started);
}

Result<void> run_hook(const Hook& hook, const std::string& where, const std::string& state) {
    KOS_TRY(explain(sys::done(::access(hook.path.c_str(), X_OK)), where, hook.path));
    const UniqueFd input = KOS_TRY(explain(pipe_with(state), where, "pipe"));
    const sys::Child child = KOS_TRY(explain(sys::clone({}), where, "fork"));
    if (child.pid == 0) become(hook, input.get());
    const int milliseconds = hook.timeout ? static_cast<int>(*hook.timeout) * 1000 : -1;
    if (!sys::wait_for_end(child.pidfd.get(), milliseconds)) {
        static_cast<void>(sys::send_signal(child.pidfd.get(), SIGKILL));
        static_cast<void>(sys::reap(child.pid));
        return fail(where, hook.path + " took longer than " + std::to_string(*hook.timeout) + " s");
    }
    const int status = KOS_TRY(explain(sys::reap(child.pid), where, "waiting"));
    if (status == 0) return {};
    return fail(where,
                hook.path + " exited with status " + std::to_string(sys::exit_code_of(status)));
}

std::string where_of(std::string_view kind, std::size_t index) {
    return "/hooks/" + std::string{kind} + "/" + std::to_string(index);
}

}  // namespace

Result<void> run_hooks(const std::vector<Hook>& hooks, std::string_view kind,
                       const std::string& state) {
    for (std::size_t i = 0; i < hooks.size(); ++i) {
        KOS_TRY(run_hook(hooks[i], where_of(kind, i), state));
    }
    return {};
}

std::vector<Failure> run_all_hooks(const std::vector<Hook>& hooks, std::string_view kind,
                                   const std::string& state) {
    std::vector<Failure> failures;
    for (std::size_t i = 0; i < hooks.size(); ++i) {
        const auto ran = run_hook(hooks[i], where_of(kind, i), state);
        if (!ran) failures.push_back(ran.error());
    }
    return failures;
}

}  // namespace kos::oci
