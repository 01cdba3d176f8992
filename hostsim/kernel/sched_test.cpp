// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/test_machine.hpp"

namespace kos::sim {
namespace {

using sel4::Error;
using sel4::ObjectType;
using sel4::Syscall;
using I = sel4::Invocation;

/// The initial thread waits on `parking` while others run.
class SchedKernelTest : public TestMachine {
   protected:
    SchedKernelTest() : parking(make(ObjectType::Notification)) {}
    void park() { wait_on(parking); }

    static constexpr Ticks ms = ticks_from_microseconds(1000);
    const Word parking;
};

TEST_F(SchedKernelTest, ParametersAreChecked) {
    constexpr Word most = max_period_microseconds;
    const Word context = make(ObjectType::SchedContext, 8);
    EXPECT_EQ(configure(context, 19, 100), failure(Error::RangeError, {20, most}));
    EXPECT_EQ(configure(context, 100, 19), failure(Error::RangeError, {20, most}));
    EXPECT_EQ(configure(context, most + 1, most + 1), failure(Error::RangeError, {20, most}));
    EXPECT_EQ(configure(context, 101, 100), failure(Error::RangeError, {20, 100}));
    // 256 bytes: 96 for the context, 16 for each of ten replenishments, two of them always there.
    EXPECT_EQ(configure(context, 100, 200, 9), failure(Error::RangeError, {0, 8}));
    EXPECT_EQ(configure(context, 100, 200, 8), ok);
    EXPECT_EQ(configure(parking, 100, 200), failure(Error::InvalidCapability, {1}));
}

TEST_F(SchedKernelTest, OlderKernelsLookAtTheContextFirstAndAddRefillsUnchecked) {
    state().behaviour.adds_refills_unchecked = true;
    EXPECT_EQ(configure(parking, 19, 100), failure(Error::InvalidCapability, {1}));
    const Word context = make(ObjectType::SchedContext, 8);
    EXPECT_EQ(configure(context, 100, 200, 9), failure(Error::RangeError, {0, 8}));
    EXPECT_EQ(configure(context, 100, 200, ~Word{0}), ok);
}

TEST_F(SchedKernelTest, TheHighestPriorityRuns) {
    Thread& low = thread_at(make_thread(0x1000, 10));
    Thread& high = thread_at(make_thread(0x2000, 20));
    park();
    EXPECT_EQ(&current(), &high);
    system_call(Syscall::Wait, parking);
    EXPECT_EQ(&current(), &low);
}

TEST_F(SchedKernelTest, EqualPrioritiesTakeTurnsByTheirSlices) {
    Thread& first = thread_at(make_thread(0x1000, 10));
    Thread& second = thread_at(make_thread(0x2000, 10));
    park();
    Thread* const running = &current();
    Thread* const other = running == &first ? &second : &first;
    kernel.advance(kernel.ticks_until_event() - 1);
    EXPECT_EQ(&current(), running);
    kernel.advance(1);
    EXPECT_EQ(&current(), other);
    kernel.advance(kernel.ticks_until_event());
    EXPECT_EQ(&current(), running);
}

TEST_F(SchedKernelTest, YieldingLetsAnEqualRun) {
    thread_at(make_thread(0x1000, 10));
    thread_at(make_thread(0x2000, 10));
    park();
    Thread* const running = &current();
    system_call(Syscall::Yield, 0);
    EXPECT_NE(&current(), running);
}

TEST_F(SchedKernelTest, ABudgetThatIsUsedUpComesBackAfterThePeriod) {
    Thread& thread = thread_at(make_thread(0x1000, 10, 0, make_context(1000, 10'000)));
    park();
    ASSERT_EQ(&current(), &thread);
    const Ticks start = kernel.now();
    EXPECT_EQ(kernel.ticks_until_event(), ms);
    kernel.advance(ms);
    EXPECT_EQ(kernel.current(), nullptr);
    ASSERT_TRUE(kernel.skip_to_next_event());
    EXPECT_EQ(&current(), &thread);
    EXPECT_EQ(kernel.now(), start + 10 * ms);
}

TEST_F(SchedKernelTest, AThreadThatConfiguresItsOwnContextAndYieldsSleepsForThePeriod) {
    const Word context = make_context(10'000, 10'000);
    Thread& thread = thread_at(make_thread(0x1000, 10, 0, context));
    park();
    ASSERT_EQ(&current(), &thread);
    for (const Word sleep_us : {1000u, 50'000u, 2000u}) {
        ASSERT_EQ(configure(context, sleep_us - 1, sleep_us), ok);
        const Ticks asleep = kernel.now();
        system_call(Syscall::Yield, 0);
        ASSERT_EQ(kernel.current(), nullptr);
        ASSERT_TRUE(kernel.skip_to_next_event());
        ASSERT_EQ(&current(), &thread);
        EXPECT_EQ(kernel.now(), asleep + ticks_from_microseconds(sleep_us));
    }
}

TEST_F(SchedKernelTest, IdleTimePassesOnlyToTheLimit) {
    thread_at(make_thread(0x1000, 10, 0, make_context(1000, 10'000)));
    park();
    kernel.advance(ms);
    const Ticks now = kernel.now();
    ASSERT_TRUE(kernel.skip_to_next_event(now + 5));
    EXPECT_EQ(kernel.now(), now + 5);
    EXPECT_EQ(kernel.current(), nullptr);
}

TEST_F(SchedKernelTest, NothingToComeIsADeadlock) {
    park();
    EXPECT_EQ(kernel.current(), nullptr);
    EXPECT_FALSE(kernel.skip_to_next_event());
}

TEST_F(SchedKernelTest, ACallThatNoBudgetIsLeftForIsMadeAgainLater) {
    Thread& thread = thread_at(make_thread(0x1000, 10, 0, make_context(1000, 10'000)));
    park();
    kernel.elapse(ms - 1);
    system_call(Syscall::Yield, 0);
    EXPECT_EQ(kernel.current(), nullptr);
    ASSERT_TRUE(kernel.skip_to_next_event());
    ASSERT_EQ(&current(), &thread);
    EXPECT_EQ(thread.registers.pc, 0x1000u);
}

TEST_F(SchedKernelTest, ATimeoutHandlerHearsOfAUsedUpBudget) {
    const Word endpoint = make(ObjectType::Endpoint);
    const Word reply = make(ObjectType::Reply);
    const Word context = make_context(1000, 10'000, 0, 99);
    const Word tcb = make_thread(0x1000, 10, 0, context);
    ASSERT_EQ(invoke(tcb, I::TcbSetTimeoutEndpoint, {}, {endpoint}), ok);
    system_call(Syscall::Recv, endpoint, {}, {}, reply);
    ASSERT_EQ(&current(), &thread_at(tcb));
    kernel.advance(ms);
    ASSERT_EQ(&current(), &initial());
    EXPECT_EQ(initial().message_info().label(), 5u);
    EXPECT_EQ(answer_of(initial()).words, (std::vector<Word>{99, 1000}));
}

TEST_F(SchedKernelTest, TheOldestKernelAnswersConsumedWithoutItsWord) {
    state().behaviour.loses_consumed = true;
    const Word context = make(ObjectType::SchedContext, 8);
    EXPECT_TRUE(invoke(context, I::SchedContextConsumed).words.empty());
}

TEST_F(SchedKernelTest, ConsumedTimeIsToldOnce) {
    const Word context = make_context(10'000, 10'000);
    thread_at(make_thread(0x1000, 10, 0, context));
    park();
    kernel.elapse(ticks_from_microseconds(123));
    EXPECT_EQ(invoke(context, I::SchedContextConsumed), (Answer{Error::None, {0}}));
    system_call(Syscall::NbWait, parking);
    kernel.advance(10 * ms);
    EXPECT_EQ(invoke(context, I::SchedContextConsumed).words.size(), 1u);
}

TEST_F(SchedKernelTest, BindingIsCheckedAndUndone) {
    const Word context = make_context(1000, 1000);
    const Word tcb = make(ObjectType::Tcb);
    ASSERT_EQ(invoke(context, I::SchedContextBind, {}, {tcb}), ok);
    EXPECT_EQ(invoke(context, I::SchedContextBind, {}, {tcb}), failure(Error::IllegalOperation));
    EXPECT_EQ(invoke(context, I::SchedContextBind, {}, {root.value}),
              failure(Error::InvalidCapability, {1}));
    ASSERT_EQ(invoke(context, I::SchedContextUnbindObject, {}, {tcb}), ok);
    EXPECT_EQ(invoke(context, I::SchedContextUnbindObject, {}, {tcb}),
              failure(Error::IllegalOperation));
    ASSERT_EQ(invoke(context, I::SchedContextBind, {}, {parking}), ok);
    ASSERT_EQ(invoke(context, I::SchedContextUnbind), ok);
    EXPECT_EQ(invoke(sel4::root_slot::sched_context, I::SchedContextUnbind),
              failure(Error::IllegalOperation));
}

TEST_F(SchedKernelTest, YieldingToAContextRunsItsThread) {
    const Word context = make_context(1000, 1000);
    const Word tcb = make_thread(0x1000, 255, 0, context);
    EXPECT_EQ(invoke(sel4::root_slot::sched_context, I::SchedContextYieldTo),
              failure(Error::IllegalOperation));
    const Word label = sel4::default_abi().label(I::SchedContextYieldTo);
    system_call(Syscall::Call, context, {label, 0, 0});
    ASSERT_EQ(&current(), &thread_at(tcb));
    system_call(Syscall::Wait, parking);
    ASSERT_EQ(&current(), &initial());
    EXPECT_EQ(answer_of(initial()), (Answer{Error::None, {0}}));
}

TEST_F(SchedKernelTest, ANotificationsContextIsLentToAThreadThatItWakes) {
    const Word context = make_context(1000, 1000);
    const Word bound = make(ObjectType::Notification);
    ASSERT_EQ(invoke(context, I::SchedContextBind, {}, {bound}), ok);
    const Word own_context = make_context(10'000, 10'000);
    const Word tcb = make_thread(0x1000, 100, 0, own_context);
    Thread& thread = thread_at(tcb);
    Thread& signaller = thread_at(make_thread(0x2000, 50));
    park();
    ASSERT_EQ(&current(), &thread);
    system_call(Syscall::Wait, bound);
    ASSERT_EQ(&current(), &signaller);
    ASSERT_EQ(invoke(own_context, I::SchedContextUnbindObject, {}, {tcb}), ok);
    system_call(Syscall::Send, bound);
    ASSERT_EQ(&current(), &thread);
    EXPECT_EQ(thread.sched_context, slot_at(context).cap.object);
    system_call(Syscall::Wait, bound);
    EXPECT_EQ(thread.sched_context, nullptr);
}

}  // namespace
}  // namespace kos::sim
