// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A procfs of our own, mounted nowhere: what is written through it cannot be redirected by mounts
// over the container's /proc (CVE-2025-52881).
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/spec/failure.hpp"
#include "oci-runtime/spec/linux.hpp"

namespace kos::oci {

class PrivateProc {
   public:
    /// Of the calling process's PID namespace. Where the kernel refuses a new procfs (a user
    /// namespace in which the visible one is masked), a clone of the host's, if it is one.
    [[nodiscard]] static Result<PrivateProc> open();
    /// None: for those who know that they will not need it. Whatever is asked of it fails.
    PrivateProc() = default;

    [[nodiscard]] sys::Fd fd() const { return fd_.get(); }

    /// Writes to a file such as "self/oom_score_adj"; follows no link but "self" and "thread-self".
    [[nodiscard]] sys::Result<void> write(const std::string& path, std::string_view text) const;
    [[nodiscard]] sys::Result<sys::UniqueFd> open_file(const std::string& path, int flags) const;

   private:
    explicit PrivateProc(sys::UniqueFd fd) : fd_(std::move(fd)) {}
    sys::UniqueFd fd_;
};

/// Whether `fd` is on a procfs.
[[nodiscard]] bool is_procfs(sys::Fd fd);

/// `linux.sysctl`: only what belongs to a namespace of the container's own.
[[nodiscard]] Result<void> check_sysctls(const LinuxConfig& config);
[[nodiscard]] Result<void> apply_sysctls(const LinuxConfig& config, const PrivateProc& proc);

}  // namespace kos::oci
