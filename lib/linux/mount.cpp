// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/mount.hpp"

#include <array>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace kos::sys {

Result<FilesystemContext> FilesystemContext::create(const char* type) {
    return FilesystemContext{UniqueFd{KOS_TRY(check(::fsopen(type, FSOPEN_CLOEXEC)))}};
}

Result<void> FilesystemContext::set(const char* key, const char* value) {
    return done(::fsconfig(context_.get(), FSCONFIG_SET_STRING, key, value, 0));
}

Result<void> FilesystemContext::set_flag(const char* key) {
    return done(::fsconfig(context_.get(), FSCONFIG_SET_FLAG, key, nullptr, 0));
}

Result<UniqueFd> FilesystemContext::mount(unsigned attributes) {
    KOS_TRY(done(::fsconfig(context_.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0)));
    return UniqueFd{KOS_TRY(check(::fsmount(context_.get(), FSMOUNT_CLOEXEC, attributes)))};
}

std::string FilesystemContext::explanation() const {
    // One message a read, each with a prefix "e ", "w " or "i ".
    std::string text;
    std::array<char, 512> message;
    for (ssize_t size; (size = ::read(context_.get(), message.data(), message.size())) > 0;) {
        std::string_view line{message.data(), static_cast<std::size_t>(size)};
        if (line.size() > 2 && line[1] == ' ') line.remove_prefix(2);
        if (!text.empty()) text += "; ";
        text += line.substr(0, line.find('\n'));
    }
    return text;
}

Result<UniqueFd> clone_mount(Fd directory, const char* path, bool recursive) {
    const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
                           (recursive ? static_cast<unsigned>(AT_RECURSIVE) : 0);
    return UniqueFd{KOS_TRY(check(::open_tree(directory, path, flags)))};
}

Result<void> set_attributes(Fd mount, const MountAttributes& attributes, bool recursive) {
    struct mount_attr arguments {};
    arguments.attr_set = attributes.set;
    arguments.attr_clr = attributes.clear;
    arguments.propagation = attributes.propagation;
    if (attributes.user_namespace >= 0) {
        arguments.userns_fd = static_cast<std::uint64_t>(attributes.user_namespace);
    }
    const int flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
    return done(
        ::mount_setattr(mount, "", static_cast<unsigned>(flags), &arguments, sizeof arguments));
}

Result<void> attach(Fd mount, Fd target) {
    return done(
        ::move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

Result<std::uint64_t> mount_id(const std::string& path) {
    struct statx status {};
    constexpr int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
    KOS_TRY(done(::statx(AT_FDCWD, path.c_str(), flags, STATX_MNT_ID, &status)));
    if ((status.stx_mask & STATX_MNT_ID) == 0) return Err{Errno{ENOSYS}};
    return std::uint64_t{status.stx_mnt_id};
}

Result<void> pivot_root_here() { return done(::syscall(SYS_pivot_root, ".", ".")); }

std::string unescape_mount_path(std::string_view field) {
    const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
    std::string path;
    while (!field.empty()) {
        const bool is_escape = field.size() >= 4 && field[0] == '\\' && is_octal(field[1]) &&
                               is_octal(field[2]) && is_octal(field[3]);
        if (is_escape) {
            path +=
                static_cast<char>((field[1] - '0') * 64 + (field[2] - '0') * 8 + (field[3] - '0'));
        } else {
            path += field[0];
        }
        field.remove_prefix(is_escape ? 4 : 1);
    }
    return path;
}

}  // namespace kos::sys
