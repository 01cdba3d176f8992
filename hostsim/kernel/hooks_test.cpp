// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/hooks.hpp"

#include "hostsim/kernel/test_machine.hpp"

namespace kos::sim {
namespace {

using sel4::Error;
using sel4::ObjectType;
using I = sel4::Invocation;

class Log final : public InvocationListener, public FailureInjector, public DebugConsole {
   public:
    void invoked(const InvocationReport& report) override { lines.push_back(to_string(report)); }
    std::optional<InjectedFailure> fail(const Thread&, std::optional<I>) override {
        if (until_failure-- != 0) return std::nullopt;
        return InjectedFailure{Error::NotEnoughMemory, {64}, 1};
    }
    void put(char character) override { text.push_back(character); }

    std::vector<std::string> lines;
    std::string text;
    int until_failure = -1;
};

class HooksKernelTest : public TestMachine {
   protected:
    HooksKernelTest() {
        kernel.set_hooks({.invocations = &log, .failures = &log, .console = &log});
    }
    Log log;
};

TEST_F(HooksKernelTest, InvocationsAreToldByName) {
    const Word endpoint = make(ObjectType::Endpoint);
    EXPECT_EQ(invoke(endpoint + 1, I::TcbResume), failure(Error::InvalidCapability, {0}));
    ASSERT_EQ(log.lines.size(), 2u);
    EXPECT_NE(log.lines[0].find("Untyped_Retype("), std::string::npos);
    EXPECT_NE(log.lines[0].find("= no error"), std::string::npos);
    EXPECT_NE(log.lines[1].find("TCB_Resume("), std::string::npos);
    EXPECT_NE(log.lines[1].find("= invalid capability 0"), std::string::npos);
}

TEST_F(HooksKernelTest, TheNthInvocationFailsAsInjectedAndChangesNothing) {
    log.until_failure = 1;
    const Word watermark = slot_at(untyped).cap.word;
    ASSERT_EQ(retype(untyped, ObjectType::Endpoint, 0, free_slot++), ok);
    const Word after_first = slot_at(untyped).cap.word;
    EXPECT_NE(after_first, watermark);
    EXPECT_EQ(retype(untyped, ObjectType::Endpoint, 0, free_slot),
              failure(Error::NotEnoughMemory, {64}));
    EXPECT_EQ(slot_at(untyped).cap.word, after_first);
    EXPECT_TRUE(slot_at(free_slot).cap.is_null());
}

TEST_F(HooksKernelTest, DebugPutCharReachesTheConsole) {
    for (const char character : {'o', 'k'}) {
        current().registers.x[0] = static_cast<Word>(character);
        current().registers.x[7] = static_cast<Word>(-12);
        kernel.system_call();
    }
    EXPECT_EQ(log.text, "ok");
}

TEST_F(HooksKernelTest, AnInterruptSignalsItsHandlerUntilItIsAcknowledged) {
    const Word notification = make(ObjectType::Notification);
    const Word badged = free_slot++;
    ASSERT_EQ(mint(notification, badged, 4), ok);
    const Word handler = free_slot++;
    const Word control = sel4::root_slot::irq_control.value;
    EXPECT_EQ(invoke(control, I::IrqControlGet, {160, handler, 64}, {root.value}),
              failure(Error::RangeError, {0, 159}));
    EXPECT_EQ(invoke(control, I::IrqControlGet, {26, handler, 64}, {root.value}),
              failure(Error::RevokeFirst));
    ASSERT_EQ(invoke(control, I::IrqControlGet, {40, handler, 64}, {root.value}), ok);
    EXPECT_EQ(invoke(control, I::IrqControlGet, {40, free_slot, 64}, {root.value}),
              failure(Error::RevokeFirst));
    ASSERT_EQ(invoke(handler, I::IrqHandlerSetNotification, {}, {badged}), ok);

    kernel.interrupt(40);
    kernel.interrupt(40);
    system_call(sel4::Syscall::Wait, notification);
    EXPECT_EQ(initial().registers.x[0], 4u);
    system_call(sel4::Syscall::NbWait, notification);
    EXPECT_EQ(initial().registers.x[0], 0u);
    ASSERT_EQ(invoke(handler, I::IrqHandlerAck), ok);
    system_call(sel4::Syscall::NbWait, notification);
    EXPECT_EQ(initial().registers.x[0], 4u);

    ASSERT_EQ(remove(handler), ok);
    EXPECT_EQ(invoke(control, I::IrqControlGetTrigger, {40, 1, handler, 64}, {root.value}), ok);
}

TEST_F(HooksKernelTest, ALevelTriggeredLineSignalsAgainUntilItIsLow) {
    const Word notification = make(ObjectType::Notification);
    const Word handler = free_slot++;
    const auto is_signalled = [&] {
        // Badge 0 is not told from no signal: the badge comes from the minted capability.
        system_call(sel4::Syscall::NbWait, notification);
        return initial().registers.x[0] == 4;
    };
    const Word badged = free_slot++;
    ASSERT_EQ(mint(notification, badged, 4), ok);
    kernel.set_interrupt_line(40, true);  // before there is a handler: lost until unmasked
    ASSERT_EQ(invoke(sel4::root_slot::irq_control.value, I::IrqControlGetTrigger,
                     {40, 0, handler, 64}, {root.value}),
              ok);
    ASSERT_EQ(invoke(handler, I::IrqHandlerSetNotification, {}, {badged}), ok);
    EXPECT_FALSE(is_signalled());
    ASSERT_EQ(invoke(handler, I::IrqHandlerAck), ok);
    EXPECT_TRUE(is_signalled());
    EXPECT_FALSE(is_signalled());
    ASSERT_EQ(invoke(handler, I::IrqHandlerAck), ok);
    EXPECT_TRUE(is_signalled());
    kernel.set_interrupt_line(40, false);
    ASSERT_EQ(invoke(handler, I::IrqHandlerAck), ok);
    EXPECT_FALSE(is_signalled());
    kernel.set_interrupt_line(40, true);
    EXPECT_TRUE(is_signalled());
    ASSERT_EQ(invoke(handler, I::IrqHandlerClear), ok);
    ASSERT_EQ(invoke(handler, I::IrqHandlerAck), ok);
    EXPECT_FALSE(is_signalled());
}

}  // namespace
}  // namespace kos::sim
