// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/seccomp_agent.hpp"

#include "lib/linux/socket.hpp"
#include "oci-runtime/spec/config.hpp"
#include "oci-runtime/spec/field.hpp"
#include "oci-runtime/state/status.hpp"

#include <cstdlib>
#include <sys/syscall.h>
#include <unistd.h>

namespace kos::oci {

Result<void> hand_over_listener(const Seccomp& profile, const ContainerRecord& record,
                                sys::Fd pidfd, const std::string& text) {
    constexpr const char* where = "/linux/seccomp/listenerPath";
    const sys::UniqueFd listener{static_cast<int>(
        KOS_TRY(explain(sys::check(::syscall(SYS_pidfd_getfd, pidfd, std::atoi(text.c_str()), 0)),
                        where, "taking the listener")))};
    const sys::UniqueFd agent =
        KOS_TRY(explain(sys::connect_stream(profile.listener_path), where, profile.listener_path));
    const Json state{{"ociVersion", spec_version},
                     {"fds", {"seccompFd"}},
                     {"pid", record.pid},
                     {"metadata", profile.listener_metadata},
                     {"state", state_json(record, Status::Creating)}};
    return explain(sys::send_message(agent.get(), state.dump(), listener.get()), where,
                   "sending the listener");
}

}  // namespace kos::oci
