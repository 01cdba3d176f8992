// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/vcpu.hpp"

#include "hostsim/kernel/test_machine.hpp"

namespace kos::sim {
namespace {

using I = sel4::Invocation;
using sel4::Error;
using sel4::ObjectType;

class VcpuKernelTest : public TestMachine {
   protected:
    VcpuKernelTest() : vcpu(make(ObjectType::Vcpu)), tcb(make(ObjectType::Tcb)) {}

    /// The SPSR that the thread has after it was asked to have \p spsr.
    Word write_spsr(Word spsr) {
        EXPECT_EQ(invoke(tcb, I::TcbWriteRegisters, {0, 3, 0, 0, spsr}), ok);
        return thread_at(tcb).registers.spsr;
    }

    Word vcpu, tcb;
};

constexpr Word guest_spsr = 0x3c5;

TEST_F(VcpuKernelTest, RegistersHoldWhatIsWritten) {
    EXPECT_EQ(invoke(vcpu, I::VcpuReadRegs, {0}), (Answer{Error::None, {0x34d5'8820}}));
    EXPECT_EQ(invoke(vcpu, I::VcpuWriteRegs, {17, 0x1234}), ok);
    EXPECT_EQ(invoke(vcpu, I::VcpuReadRegs, {17}), (Answer{Error::None, {0x1234}}));
    EXPECT_EQ(invoke(vcpu, I::VcpuReadRegs, {24}), failure(Error::InvalidArgument, {1}));
    EXPECT_EQ(invoke(vcpu, I::VcpuWriteRegs, {24, 0}), failure(Error::InvalidArgument, {1}));
    EXPECT_EQ(invoke(vcpu, I::VcpuWriteRegs, {17}), failure(Error::TruncatedMessage));
}

TEST_F(VcpuKernelTest, OnlyAThreadWithAVcpuLeavesEl0) {
    EXPECT_EQ(write_spsr(guest_spsr), user_pstate);
    EXPECT_EQ(invoke(vcpu, I::VcpuSetTcb, {}, {tcb}), ok);
    EXPECT_EQ(write_spsr(guest_spsr), guest_spsr);
    EXPECT_EQ(write_spsr(0x3c9), user_pstate);  // EL2
}

TEST_F(VcpuKernelTest, AThreadThatLosesItsVcpuIsAtEl0Again) {
    EXPECT_EQ(invoke(vcpu, I::VcpuSetTcb, {}, {tcb}), ok);
    write_spsr(guest_spsr);
    const Word other = make(ObjectType::Tcb);
    EXPECT_EQ(invoke(vcpu, I::VcpuSetTcb, {}, {other}), ok);
    EXPECT_EQ(thread_at(tcb).registers.spsr, user_pstate);

    EXPECT_EQ(remove(vcpu), ok);
    EXPECT_EQ(thread_at(other).vcpu, nullptr);
}

TEST_F(VcpuKernelTest, AVcpuOutlivesItsThread) {
    EXPECT_EQ(invoke(vcpu, I::VcpuSetTcb, {}, {tcb}), ok);
    EXPECT_EQ(remove(tcb), ok);
    const Word other = make(ObjectType::Tcb);
    EXPECT_EQ(invoke(vcpu, I::VcpuSetTcb, {}, {other}), ok);
    EXPECT_EQ(invoke(vcpu, I::VcpuSetTcb, {}, {vcpu}), failure(Error::IllegalOperation));
    EXPECT_EQ(invoke(vcpu, I::VcpuSetTcb), failure(Error::TruncatedMessage));
}

TEST_F(VcpuKernelTest, AnInjectedInterruptsFieldsAreCheckedInTurn) {
    const auto inject = [&](Word word) { return invoke(vcpu, I::VcpuInjectIrq, {word}); };
    EXPECT_EQ(inject(Word{3} << 32 | 1 << 24 | 31 << 16 | 1023), ok);
    EXPECT_EQ(inject(1024), failure(Error::RangeError, {0, 1023}));
    EXPECT_EQ(inject(32 << 16 | 5), failure(Error::RangeError, {0, 31}));
    EXPECT_EQ(inject(2 << 24 | 5), failure(Error::RangeError, {0, 1}));
    EXPECT_EQ(inject(Word{4} << 32 | 5), failure(Error::RangeError, {0, 3}));
}

TEST_F(VcpuKernelTest, OnlyTheVirtualTimerIsAcknowledged) {
    EXPECT_EQ(invoke(vcpu, I::VcpuAckVppi, {27}), ok);
    EXPECT_EQ(invoke(vcpu, I::VcpuAckVppi, {30}), failure(Error::InvalidArgument, {0}));
    EXPECT_EQ(invoke(vcpu, I::VcpuAckVppi, {160}), failure(Error::RangeError, {0, 159}));
}

}  // namespace
}  // namespace kos::sim
