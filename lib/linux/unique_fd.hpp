// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A file descriptor that is closed with its owner.
#pragma once

#include <unistd.h>
#include <utility>

namespace kos::sys {

/// Borrows an open descriptor (or AT_FDCWD); whoever lends it keeps it open.
using Fd = int;

class UniqueFd {
   public:
    UniqueFd() = default;
    explicit UniqueFd(Fd fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        reset(std::exchange(other.fd_, -1));
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    [[nodiscard]] Fd get() const { return fd_; }
    [[nodiscard]] Fd release() { return std::exchange(fd_, -1); }
    explicit operator bool() const { return fd_ >= 0; }

    void reset(Fd fd = -1) {
        if (fd_ >= 0 && fd_ != fd) ::close(fd_);
        fd_ = fd;
    }

   private:
    Fd fd_ = -1;
};

}  // namespace kos::sys
