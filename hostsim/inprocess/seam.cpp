// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// lib/sel4's system calls in process: each loads the registers of the thread that the calling host
// thread plays, as the stub of lib/sel4/syscall_aarch64.cpp would, and enters the simulated kernel.
#include "hostsim/inprocess/runner.hpp"
#include "hostsim/inprocess/system.hpp"
#include "hostsim/inprocess/system_state.hpp"
#include "lib/base/panic.hpp"
#include "lib/sel4/syscall.hpp"

#include <algorithm>

namespace kos {

namespace {

using inprocess::Runner;

sel4::Message trap(sel4::Syscall number, sel4::CPtr target, const sel4::Message& message,
                   sel4::CPtr reply) {
    Runner& runner = Runner::running();
    auto& x = sim::registers_of(runner.thread()).x;
    x[0] = target.value;
    x[1] = message.info.raw();
    std::copy(message.words.begin(), message.words.end(), x.begin() + 2);
    x[6] = reply.value;
    x[7] = static_cast<sel4::Word>(number);
    runner.system_call();
    return {sel4::MessageInfo{x[1]}, {x[2], x[3], x[4], x[5]}, x[0]};
}

}  // namespace

namespace sel4 {

Message call(CPtr destination, const Message& message) {
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

IpcBuffer& ipc_buffer() {
    const Runner& runner = Runner::running();
    const auto address = sim::ipc_buffer_of(runner.thread());
    if (!address) panic("in process: the running thread has no IPC buffer");
    const MutableBytes bytes = runner.system().kernel().memory().bytes(*address, sizeof(IpcBuffer));
    return *reinterpret_cast<IpcBuffer*>(bytes.data());
}

std::byte* vspace_pointer(Word address) {
    const Runner& runner = Runner::running();
    sim::VSpace* vspace = sim::vspace_of(runner.thread());
    if (vspace == nullptr) panic("in process: the running thread has no VSpace");
    return runner.system().arena_of(*vspace).at(VirtualAddress{address});
}

}  // namespace sel4

namespace inprocess {

namespace {
/// What kind of trap the running thread makes.
template <class Enter>
void fault(Enter enter) {
    Runner& runner = Runner::running();
    enter(runner.system().kernel());
    runner.wait_for_turn();
}
}  // namespace

void raise_vm_fault(const sim::VmFault& vm_fault) {
    fault([&](sim::Kernel& kernel) { kernel.vm_fault(vm_fault); });
}

void raise_user_exception(sel4::Word number, sel4::Word code) {
    fault([&](sim::Kernel& kernel) { kernel.user_exception(number, code); });
}

void raise_unknown_syscall(sel4::Word number) {
    const Runner& runner = Runner::running();
    sim::Registers& registers = sim::registers_of(runner.thread());
    registers.x[7] = number;
    registers.pc += 4;
    fault([](sim::Kernel& kernel) { kernel.system_call(); });
}

void raise_interrupt(unsigned irq) {
    fault([&](sim::Kernel& kernel) { kernel.interrupt(irq); });
}

void compute(sim::Ticks ticks) {
    Runner& runner = Runner::running();
    sim::Kernel& kernel = runner.system().kernel();
    while (ticks > 0) {
        const sim::Ticks step = std::clamp<sim::Ticks>(kernel.ticks_until_event(), 1, ticks);
        kernel.advance(step);
        runner.wait_for_turn();
        ticks -= step;
    }
}

}  // namespace inprocess

}  // namespace kos
