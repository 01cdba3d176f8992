// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/volumes.hpp"

#include "cli/system/user_folder.hpp"
#include "lib/base/little_endian.hpp"
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

/// The file has the filesystem that a guest is to mount, whole (Linux, fs/ext4/ext4.h, struct
/// ext4_super_block).
Outcome<void> check_filesystem(sys::Fd file, const fs::path& path) {
    constexpr off_t superblock = 1024;
    constexpr std::size_t at_blocks = 0x04, at_block_size = 0x18, at_magic = 0x38;
    constexpr std::uint16_t magic = 0xef53;
    constexpr std::uint32_t smallest_block = 1024, most_doublings = 6;
    std::array<std::byte, 0x40> head{};
    const bool is_read =
        ::pread(file, head.data(), head.size(), superblock) == static_cast<ssize_t>(head.size());
    const std::uint32_t doublings = *read_at<Le32>(head, at_block_size);
    if (!is_read || *read_at<Le16>(head, at_magic) != magic || doublings > most_doublings) {
        return fail(ErrorCode::GuestVolume, path.string(), "there is no ext4 filesystem in it");
    }
    const std::uint64_t bytes = std::uint64_t{*read_at<Le32>(head, at_blocks)} *
                                (std::uint64_t{smallest_block} << doublings);
    const off_t size = ::lseek(file, 0, SEEK_END);
    if (size >= 0 && static_cast<std::uint64_t>(size) >= bytes) return {};
    return fail(ErrorCode::GuestVolume, path.string(),
                std::to_string(size) + " bytes, less than the " + std::to_string(bytes) +
                    " of its filesystem");
}

Outcome<sys::UniqueFd> hold(const fs::path& path) {
    std::error_code error;
    if (!fs::exists(path, error)) KOS_TRY(make_volume(path));
    sys::UniqueFd file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
    if (!file) return fail(ErrorCode::File, path.string(), std::strerror(errno));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        return fail(ErrorCode::File, path.string(), "another run has this volume");
    }
    KOS_TRY(check_filesystem(file.get(), path));
    return file;
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

Outcome<void> remove_volumes(const fs::path& folder, const std::string& project) {
    std::error_code error;
    std::vector<sys::UniqueFd> held;
    for (const fs::directory_entry& entry : fs::directory_iterator{folder / project, error}) {
        sys::UniqueFd file{::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC)};
        if (!file || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
            return fail(ErrorCode::File, entry.path().string(),
                        file ? "another run has this volume" : std::strerror(errno));
        }
        held.push_back(std::move(file));
    }
    if (error == std::errc::no_such_file_or_directory) return {};
    if (!error) fs::remove_all(folder / project, error);
    if (error) return fail(ErrorCode::File, (folder / project).string(), error.message());
    return {};
}

Outcome<void> admit_volumes(const boards::Board& board,
                            const std::vector<PlannedService>& services) {
    const std::uint32_t most = board.qemu.volume_groups;
    std::uint32_t with_volumes = 0;
    for (const PlannedService& service : services) {
        if (service.volumes.empty() || ++with_volumes <= most) continue;
        const std::string name{board.name};
        return fail(ErrorCode::ComposeUnsupported, to_string(service.volumes.front().position),
                    most == 0 ? "volumes: " + name +
                                    " has no disk to keep them on; the simulator and "
                                    "--board qemu_virt_aarch64 have"
                              : "volumes: " + name + " has disks for those of " +
                                    std::to_string(most) + " services; the simulator for all");
    }
    return {};
}

}  // namespace kos::system
