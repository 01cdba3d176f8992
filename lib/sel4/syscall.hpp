// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The seam between programs and the kernel: seL4's system calls (MCS).
//
// A program links exactly one implementation: lib/sel4/syscall_aarch64.cpp executes `svc`; the
// in-process front end (hostsim/inprocess) hands the same words to the simulated kernel. Everything
// above this file is the same code in both.
//
//   call         send, and wait for the reply
//   reply_recv   reply to the caller held by `reply`, then receive; the next caller is held there
//   recv, wait   receive on an endpoint (reply object needed) or notification
//   send, signal no answer
//   yield        give up the rest of the budget
#pragma once

#include "lib/sel4/types.hpp"

#include <array>

namespace kos::sel4 {

/// System-call numbers in x7, as signed words (MCS API).
enum class Syscall : std::int64_t {
    Call = -1,
    ReplyRecv = -2,
    NbSendRecv = -3,
    NbSendWait = -4,
    Send = -5,
    NbSend = -6,
    Recv = -7,
    NbRecv = -8,
    Wait = -9,
    NbWait = -10,
    Yield = -11,
};

/// A message: tag, the words carried in registers (more lie in the IPC buffer) and, once received,
/// the badge of the capability it was sent through.
struct Message {
    MessageInfo info;
    std::array<Word, message_registers> words{};
    Word badge = 0;
};

Message call(CPtr destination, const Message& message);
Message recv(CPtr source, Cap<Reply> reply);
Message reply_recv(CPtr source, const Message& answer, Cap<Reply> reply);
Message wait(CPtr source);
/// Nothing waiting: badge 0 and an empty message.
Message nb_wait(CPtr source);
void send(CPtr destination, const Message& message);
void nb_send(CPtr destination, const Message& message);
void yield();

/// Signals a notification.
inline void signal(Cap<Notification> notification) { send(notification.cptr(), {}); }

/// The calling thread's IPC buffer.
IpcBuffer& ipc_buffer();

/// Memory of the calling program's own VSpace at `address`, as a pointer it can follow. The
/// identity on a target; in process the simulated VSpace lies elsewhere.
std::byte* vspace_pointer(Word address);

}  // namespace kos::sel4
