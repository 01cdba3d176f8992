// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/rootfs/masks.hpp"

#include "lib/linux/mount.hpp"

#include <sys/sysmacros.h>

namespace kos::oci {

namespace {

using sys::UniqueFd;

bool is_absent(sys::Errno error) {
    return error == ENOENT || error == ENOTDIR || error == EACCES || error == ELOOP;
}

/// The covers, made when first needed.
class Covers {
   public:
    sys::Result<void> put_on(const UniqueFd& target) {
        const bool directory = S_ISDIR(KOS_TRY(sys::stat(target.get())).st_mode);
        return directory ? cover_directory(target) : cover_file(target);
    }

   private:
    sys::Result<void> cover_file(const UniqueFd& target) {
        // The host's own: the container's may be anything (CVE-2025-31133).
        if (!null_) null_ = KOS_TRY(sys::open(AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW));
        const struct stat status = KOS_TRY(sys::stat(null_.get()));
        if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3)) {
            return Err{sys::Errno{ENODEV}};
        }
        const UniqueFd cover = KOS_TRY(sys::clone_mount(null_.get(), "", false));
        return sys::attach(cover.get(), target.get());
    }

    sys::Result<void> cover_directory(const UniqueFd& target) {
        if (!empty_) {
            empty_ = KOS_TRY(make_empty());
            return sys::attach(empty_.get(), target.get());
        }
        const UniqueFd cover = KOS_TRY(sys::clone_mount(empty_.get(), "", false));
        return sys::attach(cover.get(), target.get());
    }

    static sys::Result<UniqueFd> make_empty() {
        auto context = KOS_TRY(sys::FilesystemContext::create("tmpfs"));
        KOS_TRY(context.set("nr_blocks", "1"));
        KOS_TRY(context.set("mode", "555"));
        KOS_TRY(context.set_flag("ro"));
        return context.mount(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                             MOUNT_ATTR_NOEXEC);
    }

    UniqueFd null_;
    UniqueFd empty_;  ///< attached over the first directory; the others get clones of it
};

sys::Result<void> make_readonly(const UniqueFd& target) {
    const UniqueFd mount = KOS_TRY(sys::clone_mount(target.get(), "", true));
    KOS_TRY(sys::set_attributes(mount.get(), {.set = MOUNT_ATTR_RDONLY}, true));
    return sys::attach(mount.get(), target.get());
}

}  // namespace

Result<void> mask_paths(const RootDirectory& root, const std::vector<std::string>& paths) {
    Covers covers;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const auto target = root.find(paths[i]);
        if (!target && is_absent(target.error())) continue;
        KOS_TRY(explain(target ? covers.put_on(*target) : Err{target.error()},
                        "/linux/maskedPaths/" + std::to_string(i), paths[i]));
    }
    return {};
}

Result<void> make_paths_readonly(const RootDirectory& root, const std::vector<std::string>& paths) {
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const auto target = root.find(paths[i]);
        if (!target && is_absent(target.error())) continue;
        KOS_TRY(explain(target ? make_readonly(*target) : Err{target.error()},
                        "/linux/readonlyPaths/" + std::to_string(i), paths[i]));
    }
    return {};
}

}  // namespace kos::oci
