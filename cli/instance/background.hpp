// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Going on in the background: the command that started an instance ends once it runs, or tells why
// it does not.
#pragma once

#include "lib/base/error.hpp"
#include "lib/linux/unique_fd.hpp"

#include <functional>
#include <optional>

namespace kos::instance {

class Background {
   public:
    /// Splits the process, which must not have threads. The child gets nothing, leaves the
    /// terminal, and goes on; the parent waits until the child says running() or ends, passes on
    /// what that said on standard error until then, and gets an exit status: as said, or the
    /// child's.
    Outcome<std::optional<int>> split();

    /// Lets the parent end with that status. Nothing that this process writes is seen from here on.
    void running(int exit_status);

   private:
    sys::UniqueFd ready_;
};

}  // namespace kos::instance
