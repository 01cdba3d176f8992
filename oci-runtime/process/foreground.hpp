// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Standing in for a process in the foreground: its signals, its terminal, its exit status.
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/spec/failure.hpp"

#include <sys/types.h>

namespace kos::oci {

/// Signals that are to be forwarded are blocked from construction on, so that none is lost.
class Foreground {
   public:
    [[nodiscard]] static Result<Foreground> create();

    /// Until the process ends: forwards signals, and with a terminal copies between it and the
    /// standard descriptors. Gives the exit code as a shell does.
    [[nodiscard]] Result<int> wait(pid_t pid, const sys::UniqueFd& pidfd,
                                   const sys::UniqueFd& terminal) const;

   private:
    explicit Foreground(sys::UniqueFd signals) : signals_(std::move(signals)) {}
    sys::UniqueFd signals_;
};

}  // namespace kos::oci
