// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a VMM, a message server, a switch or a gateway asks of the root server
// (lib/native/manager.hpp).
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/native/manager.hpp"
#include "lib/sel4/types.hpp"

#include <cstdint>
#include <string_view>

namespace kos::vmm {

/// The exit status of a VMM that failed, or whose guest did: what docker and podman have for their
/// own failures.
inline constexpr std::uint8_t own_failure = 125;

class Manager {
   public:
    constexpr explicit Manager(sel4::CPtr endpoint) : endpoint_(endpoint) {}

    /// All of \p bytes to the app's standard output, or to its standard error.
    void write(Bytes bytes, bool is_error = false) const;
    /// To the host, a GuestStream frame's payload; at most native::write_max bytes.
    void tell_host(Bytes payload) const;
    /// A line of the system's log; cut where it is too long.
    void log(std::string_view line) const;
    /// The VMM's notification is signalled once when the counter reaches \p deadline.
    void set_timer(std::uint64_t deadline) const;
    /// The app counts as healthy from now on.
    void ready() const;
    /// Signals for the guest's container that came since this was asked last: bit n − 1 for signal
    /// n. The VMM's notification is signalled when one comes.
    [[nodiscard]] std::uint64_t take_signals() const;
    /// Ends the VMM and its guest.
    [[noreturn]] void exit(std::uint8_t status) const;
    /// Likewise, with a status as wait4(2) gives it.
    [[noreturn]] void end(std::uint32_t wait_status) const;

   private:
    sel4::CPtr endpoint_;
};

/// That of the calling program, which has one thread.
inline constexpr Manager own_manager{native::app_slot::manager(0)};

}  // namespace kos::vmm
