// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "lib/linux/unique_fd.hpp"

#include <optional>
#include <termios.h>

namespace kos::sys {

/// A terminal passes every key on while this lives (cfmakeraw(3)). What is none stays as it is.
class RawTerminal {
   public:
    explicit RawTerminal(Fd fd) : fd_(fd) {
        termios settings{};
        if (::tcgetattr(fd, &settings) != 0) return;
        before_ = settings;
        ::cfmakeraw(&settings);
        ::tcsetattr(fd, TCSANOW, &settings);
    }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    ~RawTerminal() {
        if (before_) ::tcsetattr(fd_, TCSANOW, &*before_);
    }

   private:
    Fd fd_;
    std::optional<termios> before_;
};

}  // namespace kos::sys
