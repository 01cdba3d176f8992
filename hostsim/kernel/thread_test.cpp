// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/test_machine.hpp"

namespace kos::sim {
namespace {

using sel4::Error;
using sel4::ObjectType;
using sel4::Syscall;
using I = sel4::Invocation;

class ThreadKernelTest : public TestMachine {
   protected:
    ThreadKernelTest() : endpoint(make(ObjectType::Endpoint)), reply(make(ObjectType::Reply)) {}
    void receive() { system_call(Syscall::Recv, endpoint, {}, {}, reply); }

    const Word endpoint;
    const Word reply;
};

TEST_F(ThreadKernelTest, RegistersAreWrittenAndReadInTheOrderOfTheApi) {
    const Word tcb = make(ObjectType::Tcb);
    ASSERT_EQ(invoke(tcb, I::TcbWriteRegisters, {0, 6, 0x1000, 0x2000, 0xf000'03c5, 10, 11, 12}),
              ok);
    const Answer answer = invoke(tcb, I::TcbReadRegisters, {0, 6});
    EXPECT_EQ(answer.words, (std::vector<Word>{0x1000, 0x2000, 0xf000'0040, 10, 11, 12}));
    EXPECT_EQ(thread_at(tcb).state, ThreadState::Inactive);
}

TEST_F(ThreadKernelTest, RegisterCountsAreChecked) {
    const Word tcb = make(ObjectType::Tcb);
    EXPECT_EQ(invoke(tcb, I::TcbReadRegisters, {0, 0}), failure(Error::RangeError, {1, 36}));
    EXPECT_EQ(invoke(tcb, I::TcbReadRegisters, {0, 37}), failure(Error::RangeError, {1, 36}));
    EXPECT_EQ(invoke(tcb, I::TcbWriteRegisters, {0, 2, 1}), failure(Error::TruncatedMessage));
    EXPECT_EQ(invoke(own_tcb, I::TcbReadRegisters, {0, 1}), failure(Error::IllegalOperation));
    EXPECT_EQ(invoke(own_tcb, I::TcbWriteRegisters, {0, 1, 1}), failure(Error::IllegalOperation));
}

TEST_F(ThreadKernelTest, RegistersAreCopiedBetweenThreads) {
    const Word source = make(ObjectType::Tcb);
    const Word target = make(ObjectType::Tcb);
    ASSERT_EQ(invoke(source, I::TcbWriteRegisters, {0, 4, 0x1000, 0x2000, 0, 10}), ok);
    thread_at(source).registers.x[9] = 9;
    ASSERT_EQ(invoke(target, I::TcbCopyRegisters, {4}, {source}), ok);
    EXPECT_EQ(thread_at(target).registers.pc, 0x1000u);
    EXPECT_EQ(thread_at(target).registers.x[9], 0u);
    ASSERT_EQ(invoke(target, I::TcbCopyRegisters, {8}, {source}), ok);
    EXPECT_EQ(thread_at(target).registers.x[9], 9u);
    EXPECT_EQ(invoke(target, I::TcbCopyRegisters, {8}, {endpoint}),
              failure(Error::InvalidCapability, {1}));
}

TEST_F(ThreadKernelTest, AThreadWithoutTimeDoesNotRun) {
    const Word tcb = make(ObjectType::Tcb);
    ASSERT_EQ(invoke(tcb, I::TcbSetPriority, {255}, {own_tcb.value}), ok);
    ASSERT_EQ(invoke(tcb, I::TcbResume), ok);
    EXPECT_EQ(thread_at(tcb).state, ThreadState::Restart);
    receive();
    EXPECT_EQ(kernel.current(), nullptr);
}

TEST_F(ThreadKernelTest, PrioritiesAreBoundedByTheAuthority) {
    const Word tcb = make(ObjectType::Tcb);
    const Word weak = make(ObjectType::Tcb);
    ASSERT_EQ(invoke(weak, I::TcbSetMcPriority, {10}, {own_tcb.value}), ok);
    EXPECT_EQ(invoke(tcb, I::TcbSetPriority, {11}, {weak}), failure(Error::RangeError, {0, 10}));
    EXPECT_EQ(invoke(tcb, I::TcbSetPriority, {10}, {weak}), ok);
    EXPECT_EQ(invoke(tcb, I::TcbSetPriority, {256}, {own_tcb.value}),
              failure(Error::RangeError, {0, 255}));
    EXPECT_EQ(invoke(tcb, I::TcbSetPriority, {1}, {endpoint}),
              failure(Error::InvalidCapability, {1}));
    EXPECT_EQ(invoke(tcb, I::TcbSetSchedParams, {255, 1}, {own_tcb.value, endpoint, 0}),
              failure(Error::InvalidCapability, {2}));
    EXPECT_EQ(invoke(tcb, I::TcbSetSchedParams, {255, 1}, {own_tcb.value, 0, root.value}),
              failure(Error::InvalidCapability, {3}));
}

TEST_F(ThreadKernelTest, SpacesMustBeACNodeAndAVSpaceWithAnAsid) {
    const Word tcb = make(ObjectType::Tcb);
    const Word frame = make(ObjectType::SmallPage);
    const Word new_vspace = make(ObjectType::VSpace);
    EXPECT_EQ(invoke(tcb, I::TcbConfigure, {0, 0, 0}, {frame, vspace.value, frame}),
              failure(Error::IllegalOperation));
    EXPECT_EQ(invoke(tcb, I::TcbConfigure, {0, 0, 0}, {root.value, new_vspace, frame}),
              failure(Error::IllegalOperation));
    EXPECT_EQ(invoke(tcb, I::TcbConfigure, {0, 0, 0x1008}, {root.value, vspace.value, frame}),
              failure(Error::AlignmentError));
    EXPECT_EQ(invoke(tcb, I::TcbConfigure, {0, 0, 0x1000}, {root.value, vspace.value, root.value}),
              failure(Error::IllegalOperation));
    EXPECT_EQ(invoke(tcb, I::TcbConfigure, {0, 0, 0x1000}, {root.value, vspace.value, frame}), ok);
    EXPECT_EQ(invoke(tcb, I::TcbSetSpace, {0, 0}, {endpoint, root.value, vspace.value}), ok);
    EXPECT_EQ(invoke(tcb, I::TcbSetSpace, {0, 0}, {frame, root.value, vspace.value}),
              failure(Error::InvalidCapability, {1}));
}

TEST_F(ThreadKernelTest, SuspendAndResumeRepeatAWaitThatWasInterrupted) {
    const Word tcb = make_thread(0x1000, 100);
    Thread& thread = thread_at(tcb);
    const Word parking = make(ObjectType::Notification);
    receive();
    ASSERT_EQ(&current(), &thread);
    system_call(Syscall::Send, endpoint);
    ASSERT_EQ(&current(), &initial());
    wait_on(parking);
    system_call(Syscall::Wait, parking);
    EXPECT_EQ(thread.state, ThreadState::BlockedOnNotification);
    EXPECT_EQ(thread.registers.pc, 0x1008u);
}

TEST_F(ThreadKernelTest, AnUnknownSystemCallIsToldWithItsRegistersAndContinuesWhereTheHandlerSays) {
    Thread& thread = thread_at(make_thread(0x1000, 100, endpoint));
    receive();
    ASSERT_EQ(&current(), &thread);
    for (unsigned i = 0; i < 8; ++i) thread.registers.x[i] = i + 1;
    thread.registers.x[7] = 64;  // write(2)
    thread.registers.sp = 0x8000;
    thread.registers.pc += 4;
    kernel.system_call();
    EXPECT_EQ(initial().message_info().label(), 2u);
    EXPECT_EQ(answer_of(initial()).words,
              (std::vector<Word>{1, 2, 3, 4, 5, 6, 7, 64, 0x1000, 0x8000, 0x1004, 0x40, 64}));

    system_call(Syscall::ReplyRecv, endpoint, {0, 0, 9}, {42, 2, 3, 4, 5, 6, 7, 64, 0x1004}, reply);
    ASSERT_EQ(&current(), &thread);
    EXPECT_EQ(thread.registers.x[0], 42u);
    EXPECT_EQ(thread.registers.pc, 0x1004u);
}

TEST_F(ThreadKernelTest, ANonzeroLabelOfTheHandlersAnswerStopsTheThread) {
    Thread& thread = thread_at(make_thread(0x1000, 100, endpoint));
    receive();
    kernel.user_exception(0x200'0000, 0);
    EXPECT_EQ(answer_of(initial()).words, (std::vector<Word>{0x1000, 0, 0x40, 0x200'0000, 0}));
    system_call(Syscall::ReplyRecv, endpoint, {1, 0, 0}, {}, reply);
    EXPECT_EQ(thread.state, ThreadState::Inactive);
}

TEST_F(ThreadKernelTest, AVmFaultIsToldAndTheAccessMadeAgain) {
    Thread& thread = thread_at(make_thread(0x1000, 100, endpoint));
    receive();
    kernel.vm_fault({.address = VirtualAddress{0x5000},
                     .is_write = true,
                     .syndrome = vm_fault_syndrome(false, true, false)});
    EXPECT_EQ(initial().message_info().label(), 6u);
    EXPECT_EQ(answer_of(initial()).words, (std::vector<Word>{0x1000, 0x5000, 0, 0x9200'0046}));
    system_call(Syscall::ReplyRecv, endpoint, {}, {}, reply);
    ASSERT_EQ(&current(), &thread);
    EXPECT_EQ(thread.registers.pc, 0x1000u);
}

TEST_F(ThreadKernelTest, AThreadWithoutAHandlerStops) {
    Thread& thread = thread_at(make_thread(0x1000, 100));
    receive();
    kernel.vm_fault({.address = VirtualAddress{0x5000}});
    EXPECT_EQ(thread.state, ThreadState::Inactive);
    EXPECT_EQ(kernel.current(), nullptr);
}

TEST_F(ThreadKernelTest, DeletingARunningThreadStopsIt) {
    const Word tcb = make_thread(0x1000, 255);
    const std::size_t objects = state().objects.count();
    ASSERT_EQ(remove(tcb), ok);
    EXPECT_EQ(state().objects.count(), objects - 1);
    receive();
    EXPECT_EQ(kernel.current(), nullptr);
}

TEST_F(ThreadKernelTest, AThreadCanDeleteItself) {
    const Word tcb = make_thread(0x1000, 100);
    receive();
    system_call(Syscall::Call, root.value, {sel4::default_abi().label(I::CNodeDelete), 0, 2},
                {tcb, 64});
    EXPECT_TRUE(slot_at(tcb).cap.is_null());
    EXPECT_EQ(kernel.current(), nullptr);
}

}  // namespace
}  // namespace kos::sim
