// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// connect(2) and listen(2) of containers, before the kernel carries them out: a seccomp filter
// below the container's own hands these two calls to PID 1 (seccomp_unotify(2)). All others stay at
// full speed: the kernel knows from the filter that they are always allowed.
//
//     container ── connect ──► kernel ── Call ──► PID 1
//        (waits)  ◄── errno, or the call itself ──┘
#pragma once

#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <sys/types.h>

namespace kos::init {

/// Puts the filter on the calling thread and all that it starts from now on; gives the listener.
/// Needs CAP_SYS_ADMIN.
[[nodiscard]] sys::Result<sys::UniqueFd> install_call_filter();

/// Calls of the processes that one filter is on.
class CallListener;

/// A call that waits. Has to be answered once; then nobody waits any more.
struct Call {
    enum class Kind { Connect, Listen };

    std::shared_ptr<CallListener> listener;
    std::uint64_t id = 0;
    Kind kind = Kind::Connect;
    pid_t thread = 0;
    sys::Fd socket = -1;         ///< its number for the caller
    std::uint64_t argument = 0;  ///< the second: an address' place, or a backlog
    std::uint64_t size = 0;      ///< the third: an address' size

    /// Whether the caller waits still, and is the one that called.
    [[nodiscard]] bool is_waiting() const;
    /// It returns 0, or -1 with \p error.
    void finish(int error) const;
    /// The kernel carries it out. False where nobody waits any more.
    bool proceed() const;
};

class CallListener : public std::enable_shared_from_this<CallListener> {
   public:
    explicit CallListener(sys::UniqueFd listener) : fd_(std::move(listener)) {}

    /// Readable where a call waits; hangs up when no process has the filter any more.
    [[nodiscard]] sys::Fd fd() const { return fd_.get(); }
    /// The next one; nothing where its caller has gone.
    [[nodiscard]] std::optional<Call> receive();

   private:
    sys::UniqueFd fd_;
};

}  // namespace kos::init
