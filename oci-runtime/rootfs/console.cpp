// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/rootfs/console.hpp"

#include "lib/linux/mount.hpp"

#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kos::oci {

using sys::UniqueFd;

Result<Terminal> open_terminal(const RootDirectory& root, const Process& process) {
    constexpr std::string_view where = "/process/terminal";
    const UniqueFd ptmx = KOS_TRY(explain(root.find("/dev/pts/ptmx", Links::Refuse), where,
                                          "/dev/pts/ptmx (is a devpts mounted on /dev/pts?)"));
    const auto type = KOS_TRY(explain(sys::filesystem_type(ptmx.get()), where, "/dev/pts"));
    if (type != DEVPTS_SUPER_MAGIC) return fail(std::string{where}, "/dev/pts is not a devpts");
    const std::string path = sys::path_of(ptmx.get());
    Terminal terminal;
    terminal.master = KOS_TRY(
        explain(sys::open(AT_FDCWD, path.c_str(), O_RDWR | O_NOCTTY), where, "opening ptmx"));
    int unlocked = 0;
    KOS_TRY(explain(sys::done(::ioctl(terminal.master.get(), TIOCSPTLCK, &unlocked)), where,
                    "unlocking"));
    terminal.slave = UniqueFd{KOS_TRY(explain(
        sys::check(::ioctl(terminal.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)),
        where, "opening the slave"))};
    if (process.console_size) {
        const winsize size{process.console_size->height, process.console_size->width, 0, 0};
        KOS_TRY(explain(sys::done(::ioctl(terminal.master.get(), TIOCSWINSZ, &size)),
                        "/process/consoleSize", "setting the size"));
    }
    KOS_TRY(
        explain(sys::done(::fchown(terminal.slave.get(), process.user.uid, static_cast<gid_t>(-1))),
                where, "changing the owner"));
    return terminal;
}

namespace {

/// /dev/console as a regular file, made if there is nothing of the name.
sys::Result<UniqueFd> console_target(const RootDirectory& root) {
    const UniqueFd dev = KOS_TRY(root.find("/dev", Links::Refuse));
    auto made = sys::open(dev.get(), "console", O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0620);
    if (!made && !(made.error() == EEXIST)) return made;
    UniqueFd target = KOS_TRY(sys::open(dev.get(), "console", O_PATH | O_NOFOLLOW));
    const mode_t type = KOS_TRY(sys::stat(target.get())).st_mode & S_IFMT;
    if (type != S_IFREG && type != S_IFCHR) return Err{sys::Errno{ELOOP}};
    return target;
}

}  // namespace

Result<void> mount_console(const RootDirectory& root, const Terminal& terminal) {
    const UniqueFd target = KOS_TRY(
        explain(console_target(root), "/process/terminal", "/dev/console is no plain file"));
    const UniqueFd source = KOS_TRY(explain(sys::clone_mount(terminal.slave.get(), "", false),
                                            "/process/terminal", "cloning the slave"));
    return explain(sys::attach(source.get(), target.get()), "/process/terminal",
                   "mounting on /dev/console");
}

Result<void> adopt_terminal(const Terminal& terminal) {
    const sys::Fd slave = terminal.slave.get();
    KOS_TRY(explain(sys::done(::ioctl(slave, TIOCSCTTY, 0)), "/process/terminal",
                    "becoming the controlling terminal"));
    for (int standard = 0; standard < 3; ++standard) {
        KOS_TRY(explain(sys::done(::dup3(slave, standard, 0)), "/process/terminal", "dup3"));
    }
    return {};
}

}  // namespace kos::oci
