// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Tells when a listening socket is closed for good, without keeping it open: a program at the
// release of sockets (BPF_CGROUP_INET_SOCK_RELEASE) on the root of control groups writes the
// cookies of those that listen to a ring (BPF_MAP_TYPE_RINGBUF).
//
//     ring   page: consumer position | page: producer position | records, mapped twice in a row
//     record u32 size and flags, u32, data, padded to 8 bytes
#pragma once

#include "kosinit/setup/result.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <sys/mman.h>
#include <utility>

namespace kos::init {

class ReleaseWatch {
   public:
    [[nodiscard]] static Outcome<ReleaseWatch> create();
    ReleaseWatch(ReleaseWatch&& other) noexcept
        : ring_(std::move(other.ring_)),
          program_(std::move(other.program_)),
          consumer_(std::exchange(other.consumer_, nullptr)),
          records_(std::exchange(other.records_, nullptr)) {}
    ReleaseWatch& operator=(ReleaseWatch&&) = delete;
    ~ReleaseWatch();

    /// Readable where there is something to drain.
    [[nodiscard]] sys::Fd fd() const { return ring_.get(); }
    /// Gives the cookie (SO_COOKIE) of every listener that was closed since. Where more than fit
    /// into the ring are closed meanwhile, the rest is never told.
    void drain(const std::function<void(std::uint64_t cookie)>& closed);

   private:
    ReleaseWatch() = default;
    sys::Result<void> begin();

    sys::UniqueFd ring_;
    sys::UniqueFd program_;  ///< the link, which keeps it in force
    void* consumer_ = nullptr;
    void* records_ = nullptr;  ///< from the producer's page on
};

}  // namespace kos::init
