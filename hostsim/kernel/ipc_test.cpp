// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/notification.hpp"
#include "hostsim/kernel/test_machine.hpp"

namespace kos::sim {
namespace {

using sel4::Error;
using sel4::MessageInfo;
using sel4::ObjectType;
using sel4::Syscall;
using I = sel4::Invocation;

/// The initial thread serves (priority 255); a client of a lower priority runs while it waits.
class IpcKernelTest : public TestMachine {
   protected:
    IpcKernelTest() : endpoint(make(ObjectType::Endpoint)), reply(make(ObjectType::Reply)) {}

    void receive() { system_call(Syscall::Recv, endpoint, {}, {}, reply); }
    void answer(MessageInfo info, std::initializer_list<Word> words = {}) {
        system_call(Syscall::ReplyRecv, endpoint, info, words, reply);
    }
    Word badge() const { return initial().registers.x[0]; }

    const Word endpoint;
    const Word reply;
};

TEST_F(IpcKernelTest, ACallCarriesBadgeLabelAndWordsAndComesBackAnswered) {
    const Word badged = free_slot++;
    ASSERT_EQ(mint(endpoint, badged, 77), ok);
    Thread& client = thread_at(make_thread(0x1000, 100));
    receive();
    ASSERT_EQ(&current(), &client);
    system_call(Syscall::Call, badged, {9, 0, 6}, {1, 2, 3, 4, 5, 6});
    ASSERT_EQ(&current(), &initial());
    EXPECT_EQ(badge(), 77u);
    EXPECT_EQ(initial().message_info().raw(), (MessageInfo{9, 0, 6}.raw()));
    EXPECT_EQ(answer_of(initial()).words, (std::vector<Word>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(client.state, ThreadState::BlockedOnReply);

    answer({3, 0, 5}, {10, 20, 30, 40, 50});
    ASSERT_EQ(&current(), &client);
    EXPECT_EQ(client.message_info().label(), 3u);
    EXPECT_EQ(answer_of(client).words, (std::vector<Word>{10, 20, 30, 40, 50}));
    EXPECT_EQ(client.registers.x[0], 0u);
}

TEST_F(IpcKernelTest, WithoutAnIpcBufferFourWordsTravel) {
    const Word tcb = make_thread(0x1000, 100);
    ASSERT_EQ(invoke(tcb, I::TcbSetIpcBuffer, {0}, {root.value}), ok);
    receive();
    system_call(Syscall::Call, endpoint, {9, 0, 6}, {1, 2, 3, 4});
    EXPECT_EQ(initial().message_info().length(), 4u);
}

TEST_F(IpcKernelTest, ACallWithoutGrantOrGrantReplyIsNeverAnswered) {
    const Word weak = free_slot++;
    ASSERT_EQ(copy(endpoint, weak, RightsMask::write | RightsMask::read), ok);
    Thread& client = thread_at(make_thread(0x1000, 100));
    receive();
    system_call(Syscall::Call, weak);
    EXPECT_EQ(client.state, ThreadState::Inactive);
}

TEST_F(IpcKernelTest, SendersAreServedByPriorityThenInOrder) {
    const std::array<Word, 3> priorities{100, 120, 100};
    std::array<Thread*, 3> clients{};
    for (unsigned i = 0; i < 3; ++i) clients[i] = &thread_at(make_thread(0x1000, priorities[i]));
    const Word notification = make(ObjectType::Notification);
    wait_on(notification);
    for (int i = 0; i < 3; ++i) system_call(Syscall::Send, endpoint, {current().priority, 0, 0});
    EXPECT_EQ(kernel.current(), nullptr);
    const ThreadQueue& queue = slot_at(endpoint).cap.as<Endpoint>()->queue;
    EXPECT_EQ(queue.head, clients[1]);
    EXPECT_EQ(queue.head->queue_next->priority, 100);
    EXPECT_EQ(queue.tail->queue_previous->queue_previous, clients[1]);
}

TEST_F(IpcKernelTest, ANonBlockingSendToNobodyIsLost) {
    system_call(Syscall::NbSend, endpoint, {1, 0, 0});
    EXPECT_EQ(&current(), &initial());
    system_call(Syscall::NbRecv, endpoint, {}, {}, reply);
    EXPECT_EQ(badge(), 0u);
}

TEST_F(IpcKernelTest, ACapabilityIsTransferredToTheSlotThatTheReceiverNames) {
    const Word notification = make(ObjectType::Notification);
    const Word destination = free_slot++;
    Thread& client = thread_at(make_thread(0x1000, 100));
    sel4::IpcBuffer& buffer = *receive_buffer(state(), initial());
    buffer.receive_cnode = root.value;
    buffer.receive_index = destination;
    buffer.receive_depth = 64;
    receive();
    send_buffer(state(), client)->caps_or_badges[0] = notification;
    system_call(Syscall::Call, endpoint, {1, 1, 0});
    EXPECT_EQ(initial().message_info().extra_caps(), 1u);
    EXPECT_EQ(slot_at(destination).cap.object, slot_at(notification).cap.object);
}

TEST_F(IpcKernelTest, OfACapabilityToTheEndpointItselfOnlyTheBadgeIsTold) {
    const Word badged = free_slot++;
    ASSERT_EQ(mint(endpoint, badged, 5), ok);
    Thread& client = thread_at(make_thread(0x1000, 100));
    receive();
    send_buffer(state(), client)->caps_or_badges[0] = badged;
    system_call(Syscall::Call, endpoint, {1, 1, 0});
    EXPECT_EQ(initial().message_info().caps_unwrapped(), 1u);
    EXPECT_EQ(receive_buffer(state(), initial())->caps_or_badges[0], 5u);
}

TEST_F(IpcKernelTest, WithoutGrantNoCapabilityIsTransferred) {
    const Word weak = free_slot++;
    ASSERT_EQ(copy(endpoint, weak, RightsMask::write | RightsMask::grant_reply), ok);
    Thread& client = thread_at(make_thread(0x1000, 100));
    receive();
    send_buffer(state(), client)->caps_or_badges[0] = weak;
    system_call(Syscall::Call, weak, {1, 1, 0});
    EXPECT_EQ(initial().message_info().extra_caps(), 0u);
}

TEST_F(IpcKernelTest, APassiveServerRunsOnItsCallersBudgetAndGivesItBack) {
    const Word server_context = make_context(10'000, 10'000);
    const Word server_tcb = make_thread(0x1000, 200, 0, server_context);
    Thread& server = thread_at(server_tcb);
    const Word client_tcb = make_thread(0x2000, 100);
    Thread& client = thread_at(client_tcb);
    const Word parking = make(ObjectType::Notification);
    wait_on(parking);
    ASSERT_EQ(&current(), &server);
    receive();
    ASSERT_EQ(&current(), &client);
    // Passive: its own context goes.
    ASSERT_EQ(invoke(server_context, I::SchedContextUnbindObject, {}, {server_tcb}), ok);
    SchedContext* lent = client.sched_context;
    system_call(Syscall::Call, endpoint);
    ASSERT_EQ(&current(), &server);
    EXPECT_EQ(server.sched_context, lent);
    EXPECT_EQ(client.sched_context, nullptr);
    answer({});
    ASSERT_EQ(&current(), &client);
    EXPECT_EQ(client.sched_context, lent);
    EXPECT_EQ(server.state, ThreadState::BlockedOnReceive);
}

TEST_F(IpcKernelTest, DeletingTheEndpointMakesWaitingThreadsCallAgain) {
    Thread& client = thread_at(make_thread(0x1000, 100));
    const Word parking = make(ObjectType::Notification);
    wait_on(parking);
    system_call(Syscall::Call, endpoint);
    EXPECT_EQ(client.state, ThreadState::BlockedOnSend);
    ASSERT_EQ(kernel.current(), nullptr);
    send_signal(state(), *slot_at(parking).cap.as<Notification>(), 1);
    kernel.interrupt(0);  // any pass through the kernel
    ASSERT_EQ(&current(), &initial());
    ASSERT_EQ(remove(endpoint), ok);
    EXPECT_EQ(client.state, ThreadState::Restart);
    wait_on(parking);
    ASSERT_EQ(&current(), &client);
    EXPECT_EQ(client.registers.pc, 0x1000u);
}

TEST_F(IpcKernelTest, AReplyObjectThatGoesFreesItsCaller) {
    Thread& client = thread_at(make_thread(0x1000, 100));
    receive();
    system_call(Syscall::Call, endpoint);
    ASSERT_EQ(client.state, ThreadState::BlockedOnReply);
    ASSERT_EQ(remove(reply), ok);
    EXPECT_EQ(client.state, ThreadState::Inactive);
}

TEST_F(IpcKernelTest, AnInvalidCapabilityIsACapFaultOfABlockingCallAndNothingOtherwise) {
    system_call(Syscall::NbSend, 4000);
    EXPECT_EQ(&current(), &initial());
    const Word handler_reply = reply;
    Thread& client = thread_at(make_thread(0x1000, 100, endpoint));
    system_call(Syscall::Recv, endpoint, {}, {}, handler_reply);
    system_call(Syscall::Send, Word{1} << 40);
    EXPECT_EQ(initial().message_info().label(), 1u);
    EXPECT_EQ(answer_of(initial()).words,
              (std::vector<Word>{0x1000, Word{1} << 40, 0, 4, 64, 0, 52}));
    EXPECT_EQ(client.state, ThreadState::BlockedOnReply);
}

TEST_F(IpcKernelTest, OlderKernelsTellOfEveryFailedLookUpAsOfAnInvalidRoot) {
    state().behaviour.hides_failed_lookups = true;
    make_thread(0x1000, 100, endpoint);
    receive();
    system_call(Syscall::Send, Word{1} << 40);
    EXPECT_EQ(answer_of(initial()).words, (std::vector<Word>{0x1000, Word{1} << 40, 0, 1}));
}

TEST_F(IpcKernelTest, ANullCapabilityIsAnInvocationError) {
    EXPECT_EQ(invoke(free_slot, I::TcbResume), failure(Error::InvalidCapability, {0}));
}

TEST_F(IpcKernelTest, SignalsAccumulateUntilTheyAreWaitedFor) {
    const Word notification = make(ObjectType::Notification);
    const Word one = free_slot++;
    const Word two = free_slot++;
    ASSERT_EQ(mint(notification, one, 1), ok);
    ASSERT_EQ(mint(notification, two, 2), ok);
    system_call(Syscall::Send, one);
    system_call(Syscall::Send, two);
    system_call(Syscall::Wait, notification);
    EXPECT_EQ(badge(), 3u);
    system_call(Syscall::NbWait, notification);
    EXPECT_EQ(badge(), 0u);
}

TEST_F(IpcKernelTest, ABoundNotificationWakesAThreadThatReceivesOnAnEndpoint) {
    const Word notification = make(ObjectType::Notification);
    const Word badged = free_slot++;
    ASSERT_EQ(mint(notification, badged, 8), ok);
    ASSERT_EQ(invoke(own_tcb, I::TcbBindNotification, {}, {notification}), ok);
    EXPECT_EQ(invoke(own_tcb, I::TcbBindNotification, {}, {notification}),
              failure(Error::IllegalOperation));
    make_thread(0x1000, 100);
    receive();
    system_call(Syscall::Send, badged);
    ASSERT_EQ(&current(), &initial());
    EXPECT_EQ(badge(), 8u);
    EXPECT_EQ(slot_at(endpoint).cap.as<Endpoint>()->state, Endpoint::State::Idle);
    ASSERT_EQ(invoke(own_tcb, I::TcbUnbindNotification), ok);
}

}  // namespace
}  // namespace kos::sim
