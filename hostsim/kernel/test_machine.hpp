// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: a booted machine whose current thread makes system calls when it is told to.
#pragma once

#include "hostsim/kernel/cnode.hpp"
#include "hostsim/kernel/kernel.hpp"
#include "hostsim/kernel/message.hpp"
#include "hostsim/kernel/state.hpp"
#include "lib/sel4/bootinfo.hpp"
#include "lib/sel4/syscall.hpp"

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <vector>

namespace kos::sim {

/// What a system call answered.
struct Answer {
    sel4::Error error;
    std::vector<Word> words;
    friend bool operator==(const Answer&, const Answer&) = default;
};

inline void PrintTo(const Answer& answer, std::ostream* out) {
    *out << sel4::name_of(answer.error);
    for (const Word word : answer.words) *out << ' ' << std::hex << word;
}

class TestMachine : public ::testing::Test {
   protected:
    static constexpr std::array<MemoryRegion, 2> regions{
        MemoryRegion{PhysicalAddress{0x4000'0000}, 1u << 20, MemoryKind::OutsideRam},
        MemoryRegion{PhysicalAddress{0x6000'0000}, 64u << 20, MemoryKind::Normal}};
    static constexpr sel4::CPtr root = sel4::root_slot::cnode;
    static constexpr sel4::CPtr vspace = sel4::root_slot::vspace;
    static constexpr sel4::CPtr own_tcb = sel4::root_slot::tcb;

    TestMachine()
        : memory(must(PhysicalMemory::create(regions), "the regions are well formed")),
          kernel(memory) {
        task = must(
            kernel.boot({.kernel = {},
                         .user_image = {PhysicalAddress{0x6000'0000}, PhysicalAddress{0x6000'1000}},
                         .user_image_address = VirtualAddress{0x40'0000},
                         .entry = VirtualAddress{0x40'0000},
                         .device_tree = {}}),
            "the machine boots");
        initial_thread = kernel.current();
        const MutableBytes info = memory.bytes(
            kernel.translate(*vspace_of(*kernel.current()), task.boot_info)->physical, page_size);
        boot_info = *read_at<sel4::BootInfo>(info, 0);
        free_slot = boot_info.empty.start;
        for (Word i = 0; i < boot_info.untyped.count(); ++i) {
            const auto& piece = boot_info.untypeds[i];
            const Word slot = boot_info.untyped.start + i;
            if (piece.physical_address == 0x4000'0000) device_untyped = slot;
            if (piece.is_device != 0 || piece.size_bits <= untyped_bits) continue;
            untyped_bits = piece.size_bits;
            untyped = slot;
        }
    }

    State& state() const { return kernel.state(); }
    Thread& current() const { return *kernel.current(); }
    Slot& slot_at(Word index) const { return root_slots()[index]; }
    std::span<Slot> root_slots() const {
        return initial().slot(ThreadSlot::CSpace).cap.as<CNode>()->slots();
    }
    Thread& initial() const { return *initial_thread; }
    Thread& thread_at(Word index) const { return *root_slots()[index].cap.as<Thread>(); }

    /// The current thread makes a system call with these registers.
    void system_call(sel4::Syscall number, Word target, sel4::MessageInfo info = {},
                     std::initializer_list<Word> words = {}, Word reply = 0) {
        Thread& thread = current();
        Registers& registers = thread.registers;
        registers.x[0] = target;
        registers.x[1] = info.raw();
        sel4::IpcBuffer* buffer = send_buffer(state(), thread);
        unsigned index = 0;
        for (const Word word : words) set_word(thread, buffer, index++, word);
        registers.x[6] = reply;
        registers.x[7] = static_cast<Word>(number);
        registers.pc += 4;
        kernel.system_call();
    }

    /// The current thread invokes `target` and gets the kernel's answer.
    Answer invoke(Word target, sel4::Invocation invocation, std::initializer_list<Word> words = {},
                  std::initializer_list<Word> caps = {}) {
        return invoke_label(target, sel4::default_abi().label(invocation), words, caps);
    }
    Answer invoke(sel4::CPtr target, sel4::Invocation invocation,
                  std::initializer_list<Word> words = {}, std::initializer_list<Word> caps = {}) {
        return invoke(target.value, invocation, words, caps);
    }
    Answer invoke_label(Word target, Word label, std::initializer_list<Word> words,
                        std::initializer_list<Word> caps) {
        Thread& thread = current();
        sel4::IpcBuffer* buffer = send_buffer(state(), thread);
        unsigned next = 0;
        for (const Word cap : caps) buffer->caps_or_badges[next++] = cap;
        system_call(invoke_by, target, {label, next, static_cast<unsigned>(words.size())}, words);
        return answer_of(thread);
    }

    Answer answer_of(Thread& thread) const {
        const sel4::MessageInfo info = thread.message_info();
        Answer answer{static_cast<sel4::Error>(info.label()), {}};
        for (unsigned i = 0; i < info.length(); ++i) {
            answer.words.push_back(get_word(thread, send_buffer(state(), thread), i));
        }
        return answer;
    }

    Answer retype(Word from, sel4::ObjectType type, Word size_bits, Word slot, Word count = 1) {
        return invoke(from, sel4::Invocation::UntypedRetype,
                      {sel4::default_abi().number(type), size_bits, 0, 0, slot, count},
                      {root.value});
    }
    /// Makes objects in fresh slots of the root CNode; the first slot.
    Word make(sel4::ObjectType type, Word size_bits = 0, Word count = 1) {
        const Word slot = free_slot;
        free_slot += count;
        EXPECT_EQ(retype(untyped, type, size_bits, slot, count), ok);
        return slot;
    }
    Answer remove(Word slot) { return invoke(root, sel4::Invocation::CNodeDelete, {slot, 64}); }
    Answer revoke(Word slot) { return invoke(root, sel4::Invocation::CNodeRevoke, {slot, 64}); }
    Answer copy(Word from, Word to, Word rights = 15) {
        return invoke(root, sel4::Invocation::CNodeCopy, {to, 64, from, 64, rights}, {root.value});
    }
    Answer mint(Word from, Word to, Word badge, Word rights = 15) {
        return invoke(root, sel4::Invocation::CNodeMint, {to, 64, from, 64, rights, badge},
                      {root.value});
    }

    /// A thread in the initial thread's spaces, ready at `pc` with a budget of its own.
    Word make_thread(Word pc, Word priority, Word fault_endpoint = 0, Word context = 0) {
        using I = sel4::Invocation;
        const Word tcb = make(sel4::ObjectType::Tcb);
        if (context == 0) context = make_context(10'000, 10'000);
        const Word buffer = make(sel4::ObjectType::SmallPage);
        EXPECT_EQ(invoke(tcb, I::TcbConfigure, {sel4::cnode_guard(0, 52), 0, 0x1000},
                         {root.value, vspace.value, buffer}),
                  ok);
        EXPECT_EQ(invoke(tcb, I::TcbSetSchedParams, {255, priority},
                         {own_tcb.value, context, fault_endpoint}),
                  ok);
        EXPECT_EQ(invoke(tcb, I::TcbWriteRegisters, {1, 1, pc}), ok);
        return tcb;
    }
    Word make_context(Word budget_us, Word period_us, Word extra_refills = 0, Word badge = 0,
                      Word flags = 0, Word size_bits = 8) {
        const Word context = make(sel4::ObjectType::SchedContext, size_bits);
        EXPECT_EQ(configure(context, budget_us, period_us, extra_refills, badge, flags), ok);
        return context;
    }
    Answer configure(Word context, Word budget_us, Word period_us, Word extra_refills = 0,
                     Word badge = 0, Word flags = 0) {
        return invoke(boot_info.sched_control.start, sel4::Invocation::SchedControlConfigureFlags,
                      {budget_us, period_us, extra_refills, badge, flags}, {context});
    }
    /// The initial thread gets out of the way of threads of its priority and below.
    void wait_on(Word notification) { system_call(sel4::Syscall::Wait, notification); }

    static inline const Answer ok{sel4::Error::None, {}};
    static Answer failure(sel4::Error error, std::initializer_list<Word> words = {}) {
        return {error, words};
    }

    PhysicalMemory memory;
    Kernel kernel;
    BootedTask task;
    sel4::BootInfo boot_info{};
    Word free_slot = 0;
    /// The system call that invocations are made by.
    sel4::Syscall invoke_by = sel4::Syscall::Call;
    Word untyped = 0;  ///< the largest of normal memory
    unsigned untyped_bits = 0;
    Word device_untyped = 0;
    Thread* initial_thread = nullptr;
};

}  // namespace kos::sim
