// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/file.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <dirent.h>
#include <linux/openat2.h>
#include <memory>
#include <sys/syscall.h>
#include <sys/vfs.h>

namespace kos::sys {

Result<UniqueFd> open(Fd directory, const char* path, int flags, mode_t mode) {
    return UniqueFd{KOS_TRY(check(::openat(directory, path, flags | O_CLOEXEC, mode)))};
}

Result<UniqueFd> open_resolved(Fd directory, const char* path, int flags, std::uint64_t resolve,
                               mode_t mode) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.mode = mode;
    how.resolve = resolve;
    for (int attempt = 0;; ++attempt) {
        const long fd = ::syscall(SYS_openat2, directory, path, &how, sizeof how);
        // EAGAIN: a rename raced with the resolution of "..".
        if (fd < 0 && errno == EAGAIN && attempt < 128) continue;
        return UniqueFd{static_cast<Fd>(KOS_TRY(check(fd)))};
    }
}

Result<struct stat> stat(Fd directory, const char* path, int flags) {
    struct stat status {};
    KOS_TRY(done(::fstatat(directory, path, &status, flags)));
    return status;
}

Result<struct stat> stat(Fd fd) { return stat(fd, "", AT_EMPTY_PATH); }

Result<std::string> read_link(Fd directory, const char* path) {
    std::array<char, PATH_MAX> target;
    const ssize_t size =
        KOS_TRY(check(::readlinkat(directory, path, target.data(), target.size())));
    return std::string{target.data(), static_cast<std::size_t>(size)};
}

Result<std::uint64_t> filesystem_type(Fd fd) {
    struct statfs status {};
    KOS_TRY(done(::fstatfs(fd, &status)));
    return static_cast<std::uint64_t>(status.f_type);
}

Result<Pipe> make_pipe() {
    std::array<Fd, 2> ends{};
    KOS_TRY(done(::pipe2(ends.data(), O_CLOEXEC)));
    return Pipe{UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

Result<std::string> read_all(Fd fd) {
    std::string text;
    std::size_t size = 0;
    for (;;) {
        if (text.size() - size < 4096) text.resize(std::max<std::size_t>(2 * text.size(), 16384));
        const ssize_t count = ::read(fd, text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return last_error();
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    text.resize(size);
    return text;
}

Result<std::string> read_file(Fd directory, const char* path) {
    const UniqueFd file = KOS_TRY(open(directory, path, O_RDONLY));
    return read_all(file.get());
}

Result<void> write_all(Fd fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return last_error();
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<void> write_file(Fd directory, const char* path, std::string_view text) {
    const UniqueFd file = KOS_TRY(open(directory, path, O_WRONLY | O_NOCTTY));
    const ssize_t count = KOS_TRY(check(::write(file.get(), text.data(), text.size())));
    if (static_cast<std::size_t>(count) != text.size()) return Err{Errno{EIO}};
    return {};
}

Result<void> replace_file(Fd directory, const char* name, std::string_view text, mode_t mode) {
    const std::string temporary =
        std::string{"."}.append(name).append(".").append(std::to_string(::getpid()));
    {
        const UniqueFd file = KOS_TRY(
            open(directory, temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode));
        KOS_TRY(write_all(file.get(), text));
    }
    return done(::renameat(directory, temporary.c_str(), directory, name));
}

Result<void> make_directories(const std::string& path, mode_t mode) {
    if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return {};
    if (errno != ENOENT) return last_error();
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos || slash == 0) return last_error();
    KOS_TRY(make_directories(path.substr(0, slash), mode));
    if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return {};
    return last_error();
}

Result<void> do_not_block(Fd fd) {
    const int flags = KOS_TRY(check(::fcntl(fd, F_GETFL)));
    return done(::fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}

std::string path_of(Fd fd) { return "/proc/self/fd/" + std::to_string(fd); }

namespace {

Result<void> remove_entries(UniqueFd directory) {
    struct Close {
        void operator()(DIR* stream) const { ::closedir(stream); }
    };
    const std::unique_ptr<DIR, Close> stream{::fdopendir(directory.get())};
    if (!stream) return last_error();
    const Fd fd = directory.release();
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        KOS_TRY(remove_tree(fd, entry->d_name));
    }
    return {};
}

}  // namespace

Result<void> remove_tree(Fd directory, const char* name) {
    if (::unlinkat(directory, name, 0) == 0 || errno == ENOENT) return {};
    if (errno != EISDIR && errno != EPERM) return last_error();
    constexpr int flags = O_RDONLY | O_DIRECTORY;
    auto opened = open_resolved(directory, name, flags, RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
    // Refused by an old kernel or a filter: then a mount below is not noticed, but is not removed.
    if (!opened && (opened.error() == ENOSYS || opened.error() == EPERM)) {
        opened = open(directory, name, flags | O_NOFOLLOW);
    }
    KOS_TRY(remove_entries(KOS_TRY(std::move(opened))));
    return done(::unlinkat(directory, name, AT_REMOVEDIR));
}

}  // namespace kos::sys
