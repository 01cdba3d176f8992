// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// How the test guest says what failed, and ends.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <sys/reboot.h>
#include <unistd.h>

namespace kos::test_guest {

[[noreturn]] inline void end() {
    std::fflush(stdout);
    sync();
    reboot(RB_POWER_OFF);
    for (;;) pause();
}

/// Ends the guest with "failed NAME: why".
[[noreturn]] inline void fail(const char* name, const std::string& why) {
    std::printf("failed %s: %s (%s)\n", name, why.c_str(), std::strerror(errno));
    end();
}

inline void check(bool held, const char* name, const std::string& why) {
    if (!held) fail(name, why);
}

}  // namespace kos::test_guest
