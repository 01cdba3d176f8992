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

void write_text(const char* text) {
    // There is nobody to tell of a failure.
    if (::write(2, text, std::strlen(text)) < 0) return;
}

void on_crash(int number) {
    write_text("kosinit: KOS-E-GUEST-INTERNAL: kosinit failed: signal ");
    const char digits[] = {static_cast<char>('0' + number / 10),
                           static_cast<char>('0' + number % 10), '\n', '\0'};
    write_text(digits);
    end_machine(false);
}

}  // namespace

sys::Fd open_console() {
    const int console = ::open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
    // The standard numbers are never anything else's.
    const int target_file = console >= 0 ? console : ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int target = 0; target < 3; ++target) ::dup2(target_file, target);
    if (console < 0) return -1;
    if (console > 2) return console;
    ::fcntl(console, F_SETFD, 0);
    return ::fcntl(console, F_DUPFD_CLOEXEC, 3);
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
