// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/policy/seccomp_install.hpp"

#include <algorithm>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

namespace kos::oci {

bool needs_listener(const Seccomp& profile) {
    return std::ranges::any_of(profile.rules, [](const SeccompRule& rule) {
        return rule.action == SeccompAction::Notify;
    });
}

Result<unsigned> seccomp_flags(const Seccomp& profile) {
    const bool listener = needs_listener(profile);
    unsigned flags = static_cast<unsigned>(
        profile.flags.value_or(kernel_supports_seccomp_flag(SECCOMP_FILTER_FLAG_SPEC_ALLOW)
                                   ? SECCOMP_FILTER_FLAG_SPEC_ALLOW
                                   : 0));
    // There is one thread, so there is nothing to synchronise; and with a listener the kernel would
    // refuse the flag.
    flags &= ~static_cast<unsigned>(SECCOMP_FILTER_FLAG_TSYNC);
    if (listener && profile.listener_path.empty()) {
        return fail("/linux/seccomp/listenerPath", "SCMP_ACT_NOTIFY needs one");
    }
    if (!listener && (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) != 0) {
        return fail("/linux/seccomp/flags",
                    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs SCMP_ACT_NOTIFY");
    }
    if (listener) flags |= static_cast<unsigned>(SECCOMP_FILTER_FLAG_NEW_LISTENER);
    return flags;
}

Result<sys::UniqueFd> install_seccomp(const SeccompProgram& program, unsigned flags) {
    const sock_fprog filter{static_cast<unsigned short>(program.size()),
                            const_cast<sock_filter*>(program.data())};
    const long result = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
    if (result < 0) return fail("/linux/seccomp", "loading the filter", sys::Errno{errno});
    return sys::UniqueFd{(flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0 ? static_cast<int>(result)
                                                                         : -1};
}

bool kernel_supports_seccomp_flag(unsigned flag) {
    // A null program: EFAULT when the flags are fine, EINVAL when they are not.
    if (flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) flag |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, nullptr) < 0 && errno == EFAULT;
}

}  // namespace kos::oci
