// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/volumes.hpp"

#include "cli/system/user_folder.hpp"
#include "lib/linux/file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kos::system {
namespace {

namespace fs = std::filesystem;

/// What a volume may come to hold; the file has holes where nothing was written.
constexpr off_t volume_bytes = off_t{8} << 30;

/// A filesystem in \p file. \p path is for errors.
Outcome<void> make_filesystem(sys::Fd file, const fs::path& path) {
    const std::string target = "/proc/self/fd/3";
    std::array<const char*, 10> command{
        "mke2fs",      "-q",   "-F",
        "-t",          "ext4", "-m",
        "0",           "-E",   "lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0",
        target.c_str()};
    std::array<char*, command.size() + 1> arguments{};
    for (std::size_t i = 0; i < command.size(); ++i) arguments[i] = const_cast<char*>(command[i]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, file, 3);
    std::array<char*, 2> environment{const_cast<char*>("PATH=/usr/sbin:/sbin:/usr/bin:/bin"),
                                     nullptr};
    pid_t child = 0;
    int error = ENOENT;
    // Whatever PATH is: that of people who are not root often lacks it.
    for (const char* folder : {"/usr/sbin", "/sbin", "/usr/bin"}) {
        const std::string program = std::string{folder} + "/mke2fs";
        if (::access(program.c_str(), X_OK) != 0) continue;
        error = ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(),
                              environment.data());
        break;
    }
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        return fail(ErrorCode::File, path.string(),
                    std::string{"mke2fs (of e2fsprogs): "} + std::strerror(error));
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    return fail(ErrorCode::File, path.string(), "mke2fs failed");
}

/// A new volume has its name once it is whole.
Outcome<void> make_volume(const fs::path& path) {
    const std::string made = path.string() + "." + std::to_string(::getpid());
    const sys::UniqueFd file{::open(made.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!file) return fail(ErrorCode::File, made, std::strerror(errno));
    auto filled = ::ftruncate(file.get(), volume_bytes) == 0
                      ? make_filesystem(file.get(), path)
                      : Outcome<void>{fail(ErrorCode::File, path.string(), std::strerror(errno))};
    // Of two that make it at once, one's stays.
    if (filled && ::link(made.c_str(), path.c_str()) != 0 && errno != EEXIST) {
        filled = fail(ErrorCode::File, path.string(), std::strerror(errno));
    }
    ::unlink(made.c_str());
    return filled;
}

Outcome<sys::UniqueFd> hold(const fs::path& path) {
    std::error_code error;
    if (!fs::exists(path, error)) KOS_TRY(make_volume(path));
    sys::UniqueFd file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
    if (!file) return fail(ErrorCode::File, path.string(), std::strerror(errno));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
    return fail(ErrorCode::File, path.string(), "another run has this volume");
}

}  // namespace

fs::path volume_folder() { return user_folder("KOS_VOLUMES", "volumes"); }

Outcome<HeldVolumes> hold_volumes(const fs::path& folder, const std::string& project,
                                  const std::vector<PlannedService>& services) {
    HeldVolumes held;
    for (const PlannedService& service : services) {
        for (const PlannedVolume& volume : service.volumes) {
            std::error_code error;
            fs::create_directories(folder / project, error);
            if (error) return fail(ErrorCode::File, (folder / project).string(), error.message());
            const fs::path path = folder / project / (volume.name + ".ext4");
            held.locks.push_back(KOS_TRY(hold(path)));
            held.disks.push_back({service.name, volume.serial, path.string()});
        }
    }
    return held;
}

Outcome<void> refuse_volumes(const std::vector<PlannedService>& services) {
    for (const PlannedService& service : services) {
        if (service.volumes.empty()) continue;
        return fail(ErrorCode::ComposeUnsupported, to_string(service.volumes.front().position),
                    "volumes: there is no disk to keep them on seL4 yet; the simulator has them");
    }
    return {};
}

}  // namespace kos::system
