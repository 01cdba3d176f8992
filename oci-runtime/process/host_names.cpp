// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/host_names.hpp"

#include <cstring>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kos::oci {

Result<void> set_host_names(const Config& config) {
    if (!config.hostname.empty()) {
        KOS_TRY(explain(sys::done(::sethostname(config.hostname.c_str(), config.hostname.size())),
                        "/hostname", "\"" + config.hostname + "\""));
    }
    if (config.domainname.empty()) return {};
    return explain(sys::done(::setdomainname(config.domainname.c_str(), config.domainname.size())),
                   "/domainname", "\"" + config.domainname + "\"");
}

Result<void> bring_up_loopback() {
    const sys::UniqueFd socket{KOS_TRY(explain(
        sys::check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), "loopback", "socket"))};
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    return explain(sys::done(::ioctl(socket.get(), SIOCSIFFLAGS, &request)), "loopback",
                   "bringing it up");
}

}  // namespace kos::oci
