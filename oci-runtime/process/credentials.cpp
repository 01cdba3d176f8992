// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/credentials.hpp"

#include "lib/linux/file.hpp"
#include "oci-runtime/policy/attributes.hpp"
#include "oci-runtime/policy/capabilities.hpp"
#include "oci-runtime/policy/seccomp_install.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <fcntl.h>
#include <grp.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace kos::oci {

namespace {

/// The caller's session keyring stays outside (keyctl(2)).
Result<void> make_keyring(const std::string& name) {
    if (name.empty()) return {};
    const long made = ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name.c_str());
    // A kernel without keyrings has none to leak; one out of quota must not stop containers.
    if (made < 0 && errno != ENOSYS && errno != EDQUOT) {
        return fail("session keyring", "cannot be made", sys::Errno{errno});
    }
    return {};
}

bool in_user_namespace(const LinuxConfig& config) {
    return std::ranges::any_of(config.namespaces, [](const Namespace& entry) {
        return (entry.flag & CLONE_NEWUSER) != 0;
    });
}

Result<void> set_attributes(const CredentialPlan& plan, const PrivateProc& proc) {
    const Process& process = plan.process;
    if (process.oom_score_adj && !in_user_namespace(plan.linux_config)) {
        KOS_TRY(explain(proc.write("self/oom_score_adj", std::to_string(*process.oom_score_adj)),
                        "/process/oomScoreAdj",
                        "cannot be " + std::to_string(*process.oom_score_adj)));
    }
    KOS_TRY(apply_rlimits(process.rlimits));
    KOS_TRY(apply_scheduler(process.scheduler));
    KOS_TRY(apply_io_priority(process.io_priority));
    KOS_TRY(apply_memory_policy(plan.linux_config.memory_policy));
    KOS_TRY(apply_personality(plan.linux_config.personality));
    return make_keyring(plan.keyring);
}

bool setgroups_is_denied(const PrivateProc& proc) {
    const auto file = proc.open_file("self/setgroups", O_RDONLY);
    std::array<char, 8> text{};
    return file && ::read(file->get(), text.data(), text.size()) > 0 && text[0] == 'd';
}

Result<void> set_groups(const User& user, const PrivateProc& proc) {
    const auto& groups = user.additional_gids;
    if (::setgroups(groups.size(), groups.data()) == 0) return {};
    const sys::Errno error{errno};
    if (groups.empty() && error == EPERM && setgroups_is_denied(proc)) return {};
    return fail("/process/user/additionalGids", "setgroups", error);
}

Result<void> set_user(const User& user, const PrivateProc& proc) {
    KOS_TRY(set_groups(user, proc));
    KOS_TRY(explain(sys::done(::setresgid(user.gid, user.gid, user.gid)), "/process/user/gid",
                    "cannot be " + std::to_string(user.gid)));
    return explain(sys::done(::setresuid(user.uid, user.uid, user.uid)), "/process/user/uid",
                   "cannot be " + std::to_string(user.uid));
}

/// Outside the root the kernel gives "(unreachable)/…", or there is no path at all.
sys::Result<bool> working_directory_is_inside() {
    std::array<char, PATH_MAX> name{};
    const long size = ::syscall(SYS_getcwd, name.data(), name.size());
    if (size < 0 && errno != ENOENT) return sys::last_error();
    return size > 0 && name[0] == '/';
}

}  // namespace

Result<void> take_credentials(const CredentialPlan& plan, const PrivateProc& proc,
                              const ChildChannel& channel) {
    const Process& process = plan.process;
    KOS_TRY(set_attributes(plan, proc));
    const GrantableCapabilities capabilities =
        KOS_TRY(grantable(process.capabilities.value_or(Capabilities{})));
    for (const std::string& warning : capabilities.warnings) {
        KOS_TRY(channel.tell(Event::Warning, warning));
    }
    KOS_TRY(limit_bounding_set(capabilities.sets));
    sys::UniqueFd checked;
    if (plan.seccomp && !process.no_new_privileges) {
        checked = open_working_directory(process.cwd);
        KOS_TRY(load_seccomp(*plan.seccomp, channel));
    }
    KOS_TRY(explain(sys::done(::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)), "", "prctl"));
    KOS_TRY(set_user(process.user, proc));
    KOS_TRY(explain(sys::done(::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0)), "", "prctl"));
    KOS_TRY(apply_capabilities(capabilities.sets));
    if (process.no_new_privileges) {
        KOS_TRY(explain(sys::done(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)),
                        "/process/noNewPrivileges", "prctl"));
    }
    if (process.user.umask) ::umask(*process.user.umask & 0777);
    return enter_working_directory(process.cwd, checked);
}

Result<void> load_seccomp(const SeccompSetup& seccomp, const ChildChannel& channel) {
    const sys::UniqueFd listener = KOS_TRY(install_seccomp(seccomp.program, seccomp.flags));
    if (!listener) return {};
    KOS_TRY(channel.tell(Event::Listener, std::to_string(listener.get())));
    return channel.wait();
}

sys::UniqueFd open_working_directory(const std::string& path) {
    auto opened = sys::open(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY);
    if (!opened || ::fchdir(opened->get()) != 0) return {};
    const bool inside = working_directory_is_inside().value_or(false);
    return inside ? std::move(opened).value() : sys::UniqueFd{};
}

Result<void> enter_working_directory(const std::string& path, const sys::UniqueFd& checked) {
    KOS_TRY(explain(sys::done(::chdir(path.c_str())), "/process/cwd", path));
    const auto inside = working_directory_is_inside();
    if (inside && *inside) return {};
    if (!inside && checked) {
        return explain(sys::done(::fchdir(checked.get())), "/process/cwd", path);
    }
    return fail("/process/cwd", path + " is outside the container's root");
}

Result<void> set_oom_score_from_outside(pid_t pid, const Process& process,
                                        const LinuxConfig& config) {
    if (!process.oom_score_adj || !in_user_namespace(config)) return {};
    const std::string value = std::to_string(*process.oom_score_adj);
    const std::string path = "/proc/" + std::to_string(pid) + "/oom_score_adj";
    return explain(sys::write_file(AT_FDCWD, path.c_str(), value), "/process/oomScoreAdj",
                   "cannot be " + value);
}

}  // namespace kos::oci
