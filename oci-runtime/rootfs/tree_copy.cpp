// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/rootfs/tree_copy.hpp"

#include "lib/linux/file.hpp"

#include <dirent.h>
#include <linux/openat2.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/sendfile.h>
#include <sys/stat.h>

namespace kos::oci {

namespace {

using sys::Fd;
using sys::UniqueFd;

sys::Result<void> copy_data(Fd from, Fd to) {
    for (;;) {
        const ssize_t count = ::sendfile(to, from, nullptr, 1 << 30);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return sys::last_error();
        if (count == 0) return {};
    }
}

sys::Result<void> copy_file(Fd from, Fd to, const char* name) {
    const UniqueFd source = KOS_TRY(sys::open(from, name, O_RDONLY | O_NOFOLLOW));
    const UniqueFd target =
        KOS_TRY(sys::open(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    return copy_data(source.get(), target.get());
}

sys::Result<void> copy_directory(Fd from, Fd to, const char* name) {
    KOS_TRY(sys::done(::mkdirat(to, name, 0700)));
    const UniqueFd source = KOS_TRY(sys::open(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    const UniqueFd target = KOS_TRY(sys::open(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    return copy_tree(source.get(), target.get());
}

sys::Result<void> copy_entry(Fd from, Fd to, const char* name) {
    const struct stat status = KOS_TRY(sys::stat(from, name, AT_SYMLINK_NOFOLLOW));
    switch (status.st_mode & S_IFMT) {
        case S_IFREG:
            KOS_TRY(copy_file(from, to, name));
            break;
        case S_IFDIR:
            KOS_TRY(copy_directory(from, to, name));
            break;
        case S_IFLNK: {
            const std::string target = KOS_TRY(sys::read_link(from, name));
            KOS_TRY(sys::done(::symlinkat(target.c_str(), to, name)));
            break;
        }
        case S_IFSOCK:
            return {};
        default:
            KOS_TRY(sys::done(::mknodat(to, name, status.st_mode, status.st_rdev)));
    }
    KOS_TRY(sys::done(::fchownat(to, name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW)));
    if (S_ISLNK(status.st_mode)) return {};
    return sys::done(::fchmodat(to, name, status.st_mode & 07777, 0));
}

}  // namespace

sys::Result<void> copy_tree(Fd from, Fd to) {
    struct Close {
        void operator()(DIR* stream) const { ::closedir(stream); }
    };
    UniqueFd listing = KOS_TRY(sys::open(from, ".", O_RDONLY | O_DIRECTORY));
    const std::unique_ptr<DIR, Close> stream{::fdopendir(listing.get())};
    if (!stream) return sys::last_error();
    static_cast<void>(listing.release());
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        KOS_TRY(copy_entry(from, to, entry->d_name));
    }
    return {};
}

}  // namespace kos::oci
