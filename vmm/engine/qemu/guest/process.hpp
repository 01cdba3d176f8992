// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A process, such as QEMU, that cannot outlive the thread that started it.
#pragma once

#include "lib/base/error.hpp"
#include "lib/linux/unique_fd.hpp"

#include <span>
#include <string>
#include <sys/types.h>
#include <vector>

namespace kos::qemu {

class Process {
   public:
    /// \p command by its name in PATH; it gets \p inherited under their own numbers, and nothing
    /// else but its messages' pipe. \p package is Debian's, for errors.
    static Outcome<Process> start(const std::vector<std::string>& command,
                                  std::span<const sys::Fd> inherited, const char* package);

    Process(Process&&) noexcept;
    Process& operator=(Process&&) = delete;
    /// Kills it where it still runs.
    ~Process();

    /// What it says on standard output and standard error.
    [[nodiscard]] sys::Fd messages() const { return messages_.get(); }
    /// Readable once it has ended.
    [[nodiscard]] sys::Fd pidfd() const { return pidfd_.get(); }
    /// Reaps it after that; its wait status.
    int reap();

   private:
    Process(pid_t pid, sys::UniqueFd pidfd, sys::UniqueFd messages)
        : pid_(pid), pidfd_(std::move(pidfd)), messages_(std::move(messages)) {}

    pid_t pid_;
    sys::UniqueFd pidfd_, messages_;
};

}  // namespace kos::qemu
