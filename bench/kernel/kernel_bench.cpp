// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the simulated kernel itself costs, without a CPU: the registers are set as a stub would set
// them. Goal: a Call and its answer (ReplyRecv) in 0.4 µs.
#include "hostsim/kernel/kernel.hpp"

#include "lib/sel4/abi.hpp"
#include "lib/sel4/bootinfo.hpp"
#include "lib/sel4/syscall.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <initializer_list>

namespace kos::sim {
namespace {

using sel4::Invocation;
using sel4::MessageInfo;
using sel4::ObjectType;
using sel4::Syscall;

/// A booted machine; its current thread makes system calls.
class Machine {
   public:
    Machine()
        : memory_(must(PhysicalMemory::create(regions), "the regions are well formed")),
          kernel_(memory_) {
        const BootedTask task =
            must(kernel_.boot({.kernel = {},
                               .user_image = {regions[0].base, regions[0].base + page_size},
                               .user_image_address = image,
                               .entry = image,
                               .device_tree = {}}),
                 "the machine boots");
        const VSpace& vspace = *vspace_of(*kernel_.current());
        const auto info = kernel_.translate(vspace, task.boot_info)->physical;
        boot_info_ = *read_at<sel4::BootInfo>(memory_.bytes(info, page_size), 0);
        next_slot_ = boot_info_.empty.start;
        for (Word i = 0; i < boot_info_.untyped.count(); ++i) {
            const auto& piece = boot_info_.untypeds[i];
            if (piece.is_device == 0 && piece.size_bits >= 22) {
                untyped_ = boot_info_.untyped.start + i;
            }
        }
        buffer_ = *ipc_buffer_of(*kernel_.current());
    }

    void system_call(Syscall number, Word target, MessageInfo info = {}, Word reply = 0) {
        auto& registers = registers_of(*kernel_.current());
        registers.x[0] = target;
        registers.x[1] = info.raw();
        registers.x[6] = reply;
        registers.x[7] = static_cast<Word>(number);
        registers.pc += 4;
        kernel_.system_call();
    }

    /// Of the initial thread; answers the label, 0 for success.
    Word invoke(Word target, Invocation invocation, std::initializer_list<Word> words,
                std::initializer_list<Word> caps) {
        Thread& thread = *kernel_.current();
        auto* buffer = reinterpret_cast<sel4::IpcBuffer*>(
            memory_.bytes(buffer_, sizeof(sel4::IpcBuffer)).data());
        unsigned index = 0;
        for (const Word word : words) {
            if (index < 4) registers_of(thread).x[2 + index] = word;
            buffer->message[index++] = word;
        }
        index = 0;
        for (const Word cap : caps) buffer->caps_or_badges[index++] = cap;
        system_call(Syscall::Call, target,
                    {sel4::default_abi().label(invocation), static_cast<unsigned>(caps.size()),
                     static_cast<unsigned>(words.size())});
        return MessageInfo{registers_of(thread).x[1]}.label();
    }

    Word retype(ObjectType type, Word size_bits, Word slot) {
        return invoke(untyped_, Invocation::UntypedRetype,
                      {sel4::default_abi().number(type), size_bits, 0, 0, slot, 1}, {root});
    }
    Word make(ObjectType type, Word size_bits = 0) {
        if (retype(type, size_bits, next_slot_) != 0) panic("bench: retype failed");
        return next_slot_++;
    }
    /// A thread that runs when the initial one waits.
    void start_client() {
        const Word tcb = make(ObjectType::Tcb);
        const Word context = make(ObjectType::SchedContext, 7);
        invoke(boot_info_.sched_control.start, Invocation::SchedControlConfigureFlags,
               {1'000'000, 1'000'000, 0, 0, 0}, {context});
        invoke(tcb, Invocation::TcbConfigure, {sel4::cnode_guard(0, 52), 0, 0},
               {root, sel4::root_slot::vspace.value, root});
        invoke(tcb, Invocation::TcbSetSchedParams, {255, 100},
               {sel4::root_slot::tcb.value, context, 0});
        invoke(tcb, Invocation::TcbWriteRegisters, {1, 1, image.value()}, {});
    }
    Word free_slot() const { return next_slot_; }

   private:
    static constexpr std::array<MemoryRegion, 1> regions{
        MemoryRegion{PhysicalAddress{0x6000'0000}, 64u << 20, MemoryKind::Normal}};
    static constexpr VirtualAddress image{0x40'0000};
    static constexpr Word root = sel4::root_slot::cnode.value;

    PhysicalMemory memory_;
    Kernel kernel_;
    sel4::BootInfo boot_info_{};
    PhysicalAddress buffer_;
    Word next_slot_ = 0;
    Word untyped_ = 0;
};

void call_and_reply(benchmark::State& bench) {
    Machine machine;
    const Word endpoint = machine.make(ObjectType::Endpoint);
    const Word reply = machine.make(ObjectType::Reply);
    machine.start_client();
    machine.system_call(Syscall::Recv, endpoint, {}, reply);
    for (auto _ : bench) {
        machine.system_call(Syscall::Call, endpoint, {1, 0, 4});
        machine.system_call(Syscall::ReplyRecv, endpoint, {0, 0, 4}, reply);
    }
}
BENCHMARK(call_and_reply);

void retype_and_delete(benchmark::State& bench) {
    Machine machine;
    const Word slot = machine.free_slot();
    for (auto _ : bench) {
        if (machine.retype(ObjectType::Endpoint, 0, slot) != 0) panic("bench: retype failed");
        machine.invoke(sel4::root_slot::cnode.value, Invocation::CNodeDelete, {slot, 64}, {});
    }
}
BENCHMARK(retype_and_delete);

}  // namespace
}  // namespace kos::sim
