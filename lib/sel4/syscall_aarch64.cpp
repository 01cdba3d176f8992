// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// System calls by `svc` (AArch64, MCS): x7 the number, x0 the capability and then the badge, x1 the
// tag, x2–x5 the first message words, x6 the reply object. Each program
// defines ipc_buffer() for itself: where the buffer lies is its own affair.
#include "lib/sel4/syscall.hpp"

namespace kos::sel4 {

namespace {

Message trap(Syscall number, CPtr target, const Message& message, CPtr reply) {
    register Word x0 asm("x0") = target.value;
    register Word x1 asm("x1") = message.info.raw();
    register Word x2 asm("x2") = message.words[0];
    register Word x3 asm("x3") = message.words[1];
    register Word x4 asm("x4") = message.words[2];
    register Word x5 asm("x5") = message.words[3];
    register Word x6 asm("x6") = reply.value;
    register Word x7 asm("x7") = static_cast<Word>(number);
    asm volatile("svc #0"
                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                 : "r"(x6), "r"(x7)
                 : "memory");
    return {MessageInfo{x1}, {x2, x3, x4, x5}, x0};
}

}  // namespace

// Once in the text, also where all of a program is compiled as one.
[[gnu::noinline]] Message call(CPtr destination, const Message& message) {
    return trap(Syscall::Call, destination, message, {});
}
Message recv(CPtr source, Cap<Reply> reply) {
    return trap(Syscall::Recv, source, {}, reply.cptr());
}
Message reply_recv(CPtr source, const Message& answer, Cap<Reply> reply) {
    return trap(Syscall::ReplyRecv, source, answer, reply.cptr());
}
Message wait(CPtr source) { return trap(Syscall::Wait, source, {}, {}); }
Message nb_wait(CPtr source) { return trap(Syscall::NbWait, source, {}, {}); }
void send(CPtr destination, const Message& message) {
    trap(Syscall::Send, destination, message, {});
}
void nb_send(CPtr destination, const Message& message) {
    trap(Syscall::NbSend, destination, message, {});
}
void yield() { trap(Syscall::Yield, {}, {}, {}); }

std::byte* vspace_pointer(Word address) { return reinterpret_cast<std::byte*>(address); }

}  // namespace kos::sel4
