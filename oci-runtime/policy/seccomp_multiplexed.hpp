// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// System calls of i386 that also go through socketcall(2) and ipc(2) (linux/net.h, linux/ipc.h).
// libseccomp gives them pseudo numbers: -100 - n for operation n of socketcall, -200 - n of ipc.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace kos::oci {

struct MultiplexedCall {
    std::uint32_t through;    ///< number of socketcall or ipc
    std::uint32_t operation;  ///< its first argument
    std::uint32_t direct;     ///< number of the call in its own right (Linux 4.3, 5.1), or 0
};

inline constexpr std::uint32_t i386_socketcall = 102;
inline constexpr std::uint32_t i386_ipc = 117;

inline constexpr auto multiplexed_calls = std::to_array<MultiplexedCall>({
    {i386_socketcall, 1, 359},   // socket
    {i386_socketcall, 2, 361},   // bind
    {i386_socketcall, 3, 362},   // connect
    {i386_socketcall, 4, 363},   // listen
    {i386_socketcall, 5, 0},     // accept
    {i386_socketcall, 6, 367},   // getsockname
    {i386_socketcall, 7, 368},   // getpeername
    {i386_socketcall, 8, 360},   // socketpair
    {i386_socketcall, 9, 0},     // send
    {i386_socketcall, 10, 0},    // recv
    {i386_socketcall, 11, 369},  // sendto
    {i386_socketcall, 12, 371},  // recvfrom
    {i386_socketcall, 13, 373},  // shutdown
    {i386_socketcall, 14, 366},  // setsockopt
    {i386_socketcall, 15, 365},  // getsockopt
    {i386_socketcall, 16, 370},  // sendmsg
    {i386_socketcall, 17, 372},  // recvmsg
    {i386_socketcall, 18, 364},  // accept4
    {i386_socketcall, 19, 337},  // recvmmsg
    {i386_socketcall, 20, 345},  // sendmmsg
    {i386_ipc, 1, 0},            // semop
    {i386_ipc, 2, 393},          // semget
    {i386_ipc, 3, 394},          // semctl
    {i386_ipc, 4, 0},            // semtimedop
    {i386_ipc, 11, 400},         // msgsnd
    {i386_ipc, 12, 401},         // msgrcv
    {i386_ipc, 13, 399},         // msgget
    {i386_ipc, 14, 402},         // msgctl
    {i386_ipc, 21, 397},         // shmat
    {i386_ipc, 22, 398},         // shmdt
    {i386_ipc, 23, 395},         // shmget
    {i386_ipc, 24, 396},         // shmctl
});

/// The call that libseccomp's pseudo number stands for.
[[nodiscard]] constexpr std::optional<MultiplexedCall> find_multiplexed(int pseudo_number) {
    const int base = pseudo_number >= -120 ? -100 : -200;
    const std::uint32_t through = base == -100 ? i386_socketcall : i386_ipc;
    if (pseudo_number > -101 || pseudo_number < -224) return std::nullopt;
    for (const MultiplexedCall& call : multiplexed_calls) {
        if (call.through == through && base - static_cast<int>(call.operation) == pseudo_number) {
            return call;
        }
    }
    return std::nullopt;
}

}  // namespace kos::oci
