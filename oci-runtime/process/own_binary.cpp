// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/own_binary.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/mount.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace kos::oci {

namespace {

using sys::UniqueFd;

constexpr const char* own_file = "/proc/self/exe";
constexpr int all_seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

bool is_protected(const UniqueFd& binary) {
    struct statvfs status {};
    if (::fstatvfs(binary.get(), &status) == 0 && (status.f_flag & ST_RDONLY) != 0) return true;
    const int seals = ::fcntl(binary.get(), F_GET_SEALS);
    return seals >= 0 && (seals & all_seals) == all_seals;
}

/// A mount that is in no namespace: nobody can make it writable again.
sys::Result<UniqueFd> clone_readonly() {
    UniqueFd mount = KOS_TRY(sys::clone_mount(AT_FDCWD, own_file, false));
    KOS_TRY(sys::set_attributes(mount.get(), {.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV}, false));
    return mount;
}

sys::Result<UniqueFd> copy_sealed(const UniqueFd& binary) {
    UniqueFd copy{KOS_TRY(sys::check(::memfd_create("kos-oci", MFD_CLOEXEC | MFD_ALLOW_SEALING)))};
    const auto size = KOS_TRY(sys::stat(binary.get())).st_size;
    for (off_t done = 0; done < size;) {
        KOS_TRY(sys::check(
            ::sendfile(copy.get(), binary.get(), &done, static_cast<std::size_t>(size - done))));
    }
    KOS_TRY(sys::done(::fcntl(copy.get(), F_ADD_SEALS, all_seals)));
    return copy;
}

}  // namespace

Result<void> protect_own_binary(char** argv) {
    const UniqueFd binary = KOS_TRY(explain(sys::open(AT_FDCWD, own_file, O_RDONLY), "", own_file));
    if (is_protected(binary)) return {};
    auto protected_binary = clone_readonly();
    if (!protected_binary) protected_binary = copy_sealed(binary);
    const UniqueFd copy =
        KOS_TRY(explain(std::move(protected_binary), "", "protecting the runtime"));
    ::execveat(copy.get(), "", argv, environ, AT_EMPTY_PATH);
    return fail("", "executing the protected runtime", sys::Errno{errno});
}

}  // namespace kos::oci
