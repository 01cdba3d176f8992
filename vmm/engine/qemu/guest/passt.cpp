// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/guest/passt.hpp"

#include "lib/vm/uplink.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace kos::qemu {

Outcome<Passt> start_passt() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return fail(ErrorCode::Target, "socketpair", std::strerror(errno));
    }
    sys::UniqueFd ours{ends[0]};
    const sys::UniqueFd theirs{ends[1]};
    // Without --address the guest would have the host's own, which it then could not reach.
    const std::string gateway{vm::uplink_gateway};
    const std::vector<std::string> command{"passt",         "--foreground",
                                           "--quiet",       "--stderr",
                                           "--ipv4-only",   "--no-map-gw",
                                           "--address",     std::string{vm::uplink_address},
                                           "--netmask",     std::to_string(vm::uplink_prefix),
                                           "--gateway",     gateway,
                                           "--dns-forward", gateway,
                                           "--fd",          std::to_string(theirs.get())};
    const std::array inherited{theirs.get()};
    Process process = KOS_TRY(Process::start(command, inherited, "passt"));
    return Passt{std::move(process), std::move(ours)};
}

}  // namespace kos::qemu
