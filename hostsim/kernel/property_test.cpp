// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Random sequences of invocations: whatever they answer, the kernel's state stays well formed, and
// a revoke gives everything back.
#include "hostsim/kernel/invariants.hpp"
#include "hostsim/kernel/test_machine.hpp"

#include <rapidcheck/gtest.h>

namespace kos::sim {
namespace {

using sel4::ObjectType;
using sel4::Syscall;
using I = sel4::Invocation;

/// The random numbers of one step.
using Choices = std::array<std::uint32_t, 16>;

/// Slots that the sequences play with.
constexpr Word slots = 24;

class PropertyMachine : public TestMachine {
   public:
    PropertyMachine() : parent_(make(ObjectType::Untyped, 20)), first_(free_slot) {
        free_slot += slots;
        objects_before_ = state().objects.count();
        // A call of an endpoint would never be answered.
        invoke_by = Syscall::NbSend;
    }
    void TestBody() override {}

    State& kernel_state() const { return state(); }

    /// Does what `choices` say.
    void step(const Choices& choices) {
        choices_ = choices;
        next_choice_ = 0;
        let_others_run();
        any_step();
    }
    /// Revokes all that the sequence made; whether everything came back.
    bool revoke_all() {
        let_others_run();
        revoke(parent_);
        return broken_invariant(state()).empty() && state().objects.count() == objects_before_;
    }

   private:
    Word choose(Word below) { return choices_[next_choice_++ % choices_.size()] % below; }
    template <class T>
    T one_of(std::initializer_list<T> values) {
        return values.begin()[choose(values.size())];
    }
    Word any_slot() { return first_ + choose(slots); }
    /// Mostly a slot of the game, now and then one that matters.
    Word any_cap() {
        if (choose(8) != 0) return any_slot();
        return one_of<Word>({parent_, vspace.value, sel4::root_slot::asid_pool.value,
                             sel4::root_slot::irq_control.value, 0});
    }

    void any_step() {
        switch (choose(16)) {
            case 0:
            case 1:
            case 2:
            case 3:
                return any_retype();
            case 4:
            case 5:
            case 6:
                return any_move();
            case 7:
                remove(any_slot());
                return;
            case 8:
                revoke(any_slot());
                return;
            case 9:
            case 10:
                return any_thread_setting();
            case 11:
            case 12:
                return any_object_control();
            case 13:
                return any_mapping();
            case 14:
                return run_others();
            default:
                system_call(Syscall::NbSend, any_cap());
        }
    }

    void any_retype() {
        const auto type = one_of(
            {ObjectType::Untyped, ObjectType::Tcb, ObjectType::Endpoint, ObjectType::Notification,
             ObjectType::CNode, ObjectType::SchedContext, ObjectType::Reply, ObjectType::SmallPage,
             ObjectType::PageTable, ObjectType::VSpace});
        Word size_bits = 8;
        if (type == ObjectType::CNode) size_bits = 2;
        if (type == ObjectType::Untyped) size_bits = 4 + choose(12);
        retype(one_of({parent_, any_slot()}), type, size_bits, any_slot(), 1 + choose(2));
    }

    void any_move() {
        switch (choose(5)) {
            case 0:
                copy(any_cap(), any_slot(), choose(16));
                return;
            case 1:
                mint(any_cap(), any_slot(), choose(4));
                return;
            case 2:
                invoke(root, I::CNodeMove, {any_slot(), 64, any_slot(), 64}, {root.value});
                return;
            case 3:
                invoke(any_slot(), I::CNodeMove, {choose(4), 2, any_slot(), 64}, {root.value});
                return;
            default:
                invoke(root, I::CNodeRotate, {any_slot(), 64, 0, any_slot(), 64, 0, any_slot(), 64},
                       {root.value, root.value});
        }
    }

    void any_thread_setting() {
        switch (choose(4)) {
            case 0:
                invoke(any_slot(), I::TcbConfigure, {sel4::cnode_guard(0, 52), 0, choose(2) << 12},
                       {root.value, vspace.value, any_slot()});
                return;
            case 1:
                invoke(any_slot(), I::TcbConfigure, {0, 0, 0},
                       {any_slot(), vspace.value, any_slot()});
                return;
            case 2:
                invoke(any_slot(), I::TcbSetSchedParams, {255, choose(256)},
                       {own_tcb.value, any_slot(), any_slot()});
                return;
            default:
                invoke(any_slot(), I::TcbWriteRegisters, {1, 1, 0x1000});
        }
    }

    void any_object_control() {
        switch (choose(8)) {
            case 0:
                invoke(any_slot(), I::TcbSuspend);
                return;
            case 1:
                invoke(any_slot(), I::TcbResume);
                return;
            case 2:
                invoke(any_slot(), I::TcbBindNotification, {}, {any_slot()});
                return;
            case 3:
                invoke(any_slot(), I::TcbSetPriority, {choose(256)}, {own_tcb.value});
                return;
            case 4:
                invoke(any_slot(), I::SchedContextBind, {}, {any_slot()});
                return;
            case 5:
                invoke(any_slot(), I::SchedContextUnbind);
                return;
            case 6:
                invoke(any_slot(), I::TcbSetTimeoutEndpoint, {}, {any_slot()});
                return;
            default:
                configure(any_slot(), 1000, one_of<Word>({1000, 5000}), choose(3), 0, choose(2));
        }
    }

    void any_mapping() {
        const Word address = 0x40'0000'0000 + page_size * choose(4);
        const Word space = one_of({vspace.value, any_slot()});
        switch (choose(5)) {
            case 0:
                invoke(any_slot(), I::PageTableMap, {address, 1}, {space});
                return;
            case 1:
                invoke(any_slot(), I::PageMap, {address, 3, 1}, {space});
                return;
            case 2:
                invoke(any_slot(), I::PageUnmap);
                return;
            case 3:
                invoke(any_slot(), I::PageTableUnmap);
                return;
            default:
                invoke(sel4::root_slot::asid_pool, I::AsidPoolAssign, {}, {any_slot()});
        }
    }

    /// Until it is the initial thread's turn.
    void let_others_run() {
        while (kernel.current() != &initial()) {
            if (kernel.current() == nullptr) {
                if (!kernel.skip_to_next_event()) panic("the initial thread never runs again");
            } else {
                kernel.advance(kernel.ticks_until_event());
            }
        }
    }

    /// The initial thread sleeps for a while; whoever can run makes random system calls.
    void run_others() {
        configure(sel4::root_slot::sched_context.value, 4999, 5000);
        system_call(Syscall::Yield, 0);
        for (int i = 0; i < 10 && kernel.current() != &initial(); ++i) {
            if (kernel.current() == nullptr) {
                kernel.skip_to_next_event();
                continue;
            }
            kernel.elapse(choose(2000));
            system_call(one_of({Syscall::Call, Syscall::Send, Syscall::Recv, Syscall::ReplyRecv,
                                Syscall::Wait, Syscall::Yield}),
                        any_slot(), {}, {}, any_slot());
        }
        let_others_run();
        configure(sel4::root_slot::sched_context.value, 5000, 5000);
    }

    const Word parent_;
    const Word first_;
    std::size_t objects_before_ = 0;
    Choices choices_{};
    std::size_t next_choice_ = 0;
};

RC_GTEST_PROP(KernelPropertyTest, RandomInvocationsKeepTheStateWellFormed, ()) {
    PropertyMachine machine;
    for (const Choices& choices : *rc::gen::arbitrary<std::vector<Choices>>()) {
        machine.step(choices);
        const std::string broken = broken_invariant(machine.kernel_state());
        if (!broken.empty()) RC_FAIL(broken);
    }
    RC_ASSERT(machine.revoke_all());
}

}  // namespace
}  // namespace kos::sim
