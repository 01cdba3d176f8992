// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The requests that libos makes of its manager, the root server: Calls on the app's endpoint.
//
// The message's label is the request, its words the operands. The answer's label is 0, or a
// positive Linux errno; its words are the results. The badge tells the manager which thread of
// which app asks: nothing in a message says so. Faults of a thread arrive at the same endpoint
// through a capability with another badge (fault_badge_bit).
#pragma once

#include "lib/sel4/types.hpp"

#include <bit>
#include <cstdint>

namespace kos::native {

/// Slots of an app's CSpace, which all its threads share. Each thread asks through an endpoint
/// capability of its own: its badge is what tells the manager who asks.
namespace app_slot {
inline constexpr std::uint64_t first_of_threads = 8;
[[nodiscard]] constexpr sel4::CPtr manager(std::uint64_t thread) {
    return {first_of_threads + 2 * thread};
}
[[nodiscard]] constexpr sel4::CPtr notification(std::uint64_t thread) {
    return {first_of_threads + 2 * thread + 1};
}
/// Radix of the CSpace of an app with that many threads.
[[nodiscard]] constexpr unsigned cspace_bits(std::uint64_t threads) {
    return static_cast<unsigned>(std::bit_width(first_of_threads + 2 * threads - 1));
}
}  // namespace app_slot

/// Every request but Write and Log carries, as its word 3, how far the app has come: the counter's
/// value at the program's first instruction; before that, at libos's own. So the waterfall of a
/// start (lib/msg/timings.hpp) costs no message.
inline constexpr unsigned progress_word = 3;

enum class Request : std::uint64_t {
    /// 0: wait status as wait4(2) gives it: exit code << 8, or the signal. Never answered: the
    /// whole app ends.
    Exit = 1,
    /// 0: stream (1 stdout, 2 stderr; of a VMM or gateway, 3: the payload of a GuestStream
    /// frame), 1: bytes
    /// (at most write_max), 2…: the bytes, eight a word.
    /// Answer 0: bytes taken.
    Write = 2,
    /// 0: address, 1: bytes, 2: protection. Makes [address, address + bytes), page-aligned and
    /// within the mmap or brk area, a region of zero-filled memory of that protection, paged in
    /// when touched. What was mapped there goes. Regions that adjoin and have the same protection
    /// become one: heaps grow by small steps. ENOMEM: no more regions; EINVAL: outside.
    Map = 3,
    /// 0: address, 1: bytes. The pages go back to the app's heap, zeroed before they are used
    /// again.
    Unmap = 4,
    /// 0: address, 1: bytes, 2: protection. EINVAL where no region is. Also within the app's own
    /// data (RELRO). Never both writable and executable: EACCES.
    Protect = 5,
    /// 0: address, 1: bytes. Pages the range in now. ENOMEM: the heap is used up.
    Commit = 6,
    /// Answer 0: number of a thread that is not running; it is the caller's until started.
    /// EAGAIN: all threads run.
    ReserveThread = 7,
    /// 0: number. Starts it at libos's thread entry with x0 = its block, which libos has filled.
    StartThread = 8,
    /// Ends the calling thread. Never answered.
    ExitThread = 9,
    /// 0: counter value (CNTPCT), or 0 for none. Signals the calling thread's notification once
    /// when the counter reaches it. Replaces the thread's earlier timer.
    SetTimer = 10,
    /// 0: bytes, 1…: text. A line for the system's log, such as an unsupported system call.
    Log = 11,
    /// 0: a set of signals, bit n − 1 for signal n: those that the app ignores. Replaces the
    /// earlier
    /// one; at the start it is empty.
    IgnoreSignals = 12,
    /// Of a VMM, whose notification is signalled when one comes. Answer 0: the signals for its
    /// container that were sent since it asked last, bit n − 1 for signal n.
    TakeSignals = 13,
    /// Of a message server, whose notification is signalled when one of its apps starts or ends.
    /// Answer 0: the number of an app of which it was not told yet, 1: how often that was started
    /// before, 2: whether it runs. ENOENT: it has been told all.
    TakeNews = 14,
    /// Of a message server. 0: number of one of its apps, 1: a port that it listens on, or 0, 2:
    /// bytes of a protocol that it has published, 4…: the protocol. The app may count as healthy
    /// for it. ENOENT: it is no app of the server.
    /// Of a VMM, without words: its container's test has succeeded.
    AppProvides = 15,
    /// Of a message server. 0: number of one of its apps, and above bit 32 how often it was
    /// started,
    /// 1: the app's channel, and above bit 32 the number of a lane of the server's, 2: as word 0,
    /// of the app at the lane's other end. The first app has the lane, and may signal the other's
    /// threads. ESRCH: one of the two is not what the server takes it for; ENOENT: no such place;
    /// ENOMEM: the kernel refused, which the log tells.
    GiveLane = 16,
    /// Of a message server. 0 and 1 as above, without a lane: the app has none for the channel any
    /// more. Without an error also where it had none.
    TakeLane = 17,
};

[[nodiscard]] constexpr bool carries_progress(std::uint64_t request) {
    return request != static_cast<std::uint64_t>(Request::Write) &&
           request != static_cast<std::uint64_t>(Request::Log);
}

/// Protection bits, as PROT_* of mmap(2).
inline constexpr std::uint64_t protect_none = 0, protect_read = 1, protect_write = 2,
                               protect_execute = 4;

/// Most bytes that one Write or Log carries: what the IPC buffer holds behind its head words.
inline constexpr std::uint64_t write_max = (sel4::message_max_words - 2) * sizeof(sel4::Word);

/// Badges: bit 0 tells faults from requests, then 15 bits of thread number, then the app's.
inline constexpr std::uint64_t fault_badge_bit = 1;
[[nodiscard]] constexpr std::uint64_t badge_of(std::uint64_t app, std::uint64_t thread,
                                               bool fault) {
    return (app + 1) << 16 | thread << 1 | (fault ? fault_badge_bit : 0);
}
[[nodiscard]] constexpr std::uint64_t app_of_badge(std::uint64_t badge) {
    return (badge >> 16) - 1;
}
[[nodiscard]] constexpr std::uint64_t thread_of_badge(std::uint64_t badge) {
    return badge >> 1 & 0x7fff;
}

}  // namespace kos::native
