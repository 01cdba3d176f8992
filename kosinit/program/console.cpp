// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/program/console.hpp"

#include <cstring>
#include <fcntl.h>
#include <signal.h>
#include <sys/reboot.h>
#include <unistd.h>

namespace kos::init {

namespace {

/// Of the console that was opened.
const char* prefix = "";

void write_text(const char* text) {
    // There is nobody to tell of a failure.
    if (::write(2, text, std::strlen(text)) < 0) return;
}

void on_crash(int number) {
    // In one piece: the kernel's log takes each write as a line.
    char line[96] = "";
    std::strcat(line, prefix);
    std::strcat(line, "kosinit: KOS-E-GUEST-INTERNAL: kosinit failed: signal ");
    const char digits[] = {static_cast<char>('0' + number / 10),
                           static_cast<char>('0' + number % 10), '\n', '\0'};
    std::strcat(line, digits);
    write_text(line);
    end_machine(false);
}

}  // namespace

Console open_console() {
    int console = ::open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (console < 0) {
        console = ::open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
        prefix = "<3>";  // an error: shown by a kernel that is told to be quiet, too
    }
    // The standard numbers are never anything else's.
    const int target_file = console >= 0 ? console : ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int target = 0; target < 3; ++target) ::dup2(target_file, target);
    if (console < 0) return {};
    if (console > 2) return {console, prefix};
    ::fcntl(console, F_SETFD, 0);
    return {::fcntl(console, F_DUPFD_CLOEXEC, 3), prefix};
}

void install_crash_handlers() {
    for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) ::signal(number, on_crash);
}

void end_machine(bool restart) {
    ::sync();
    ::reboot(restart ? RB_AUTOBOOT : RB_POWER_OFF);
    // A machine that cannot be turned off.
    for (;;) ::pause();
}

}  // namespace kos::init
