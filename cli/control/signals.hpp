// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// SIGINT, SIGTERM and SIGHUP as something to wait for, in place of ending the program. Create it
// before any thread: those that come later inherit what is blocked.
#pragma once

#include "lib/base/error.hpp"
#include "lib/linux/unique_fd.hpp"

#include <optional>

namespace kos::control {

class Signals {
   public:
    static Outcome<Signals> create();

    /// Readable where a signal waits.
    [[nodiscard]] sys::Fd fd() const { return fd_.get(); }
    /// Takes one; nothing where none waits.
    [[nodiscard]] std::optional<int> take() const;

   private:
    explicit Signals(sys::UniqueFd fd) : fd_(std::move(fd)) {}

    sys::UniqueFd fd_;
};

}  // namespace kos::control
