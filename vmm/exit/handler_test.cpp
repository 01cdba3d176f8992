// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/exit/handler.hpp"

#include "vmm/virtio/testing/echo_device.hpp"
#include "vmm/virtio/testing/fake_mmio.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>

namespace kos::vmm {
namespace {

using sel4::FaultKind;
using sel4::Word;

struct FakeCpu final : VirtualCpu {
    bool inject(unsigned slot, unsigned interrupt, std::uint8_t /*priority*/) override {
        injected[slot] = interrupt;
        return true;
    }
    Result<sel4::UserContext, sel4::Failure> registers() override { return context; }
    sel4::Invoked set_registers(const sel4::UserContext& changed) override {
        context = changed;
        return {};
    }
    Result<Word, sel4::Failure> read(sel4::VcpuRegister name) override { return system[name]; }
    sel4::Invoked write(sel4::VcpuRegister name, Word value) override {
        system[name] = value;
        return {};
    }
    sel4::Invoked acknowledge(unsigned interrupt) override {
        acknowledged.push_back(interrupt);
        return {};
    }

    sel4::UserContext context{};
    std::map<sel4::VcpuRegister, Word> system;
    std::map<unsigned, unsigned> injected;
    std::vector<unsigned> acknowledged;
};

struct Text final : ConsoleOutput {
    void write(Bytes bytes) override { text += as_text(bytes); }
    std::string text;
};

struct Bed {
    explicit Bed(GicVersion version = GicVersion::V2)
        : machine({version, guest.memory(), cpu, output, engine}) {
        machine.add(device);
        cpu.context.pc = 0x1000;
        cpu.context.spsr = 0x3c5;
        cpu.system[sel4::VcpuRegister::Vbar] = 0x8000;
    }
    Next handle(FaultKind kind, std::vector<Word> words) {
        return must(handler.handle(kind, words), "the processor of a test does not fail");
    }
    Next access(Word address, Word syndrome) {
        return handle(FaultKind::VmFault, {cpu.context.pc, address, 0, syndrome});
    }
    Next smc(Word function, Word x1 = 0) {
        cpu.context.x0 = function;
        cpu.context.x1 = x1;
        return handle(FaultKind::VcpuFault, {0x5e00'0000});
    }
    [[nodiscard]] std::uint64_t count(ExitKind kind) const {
        return handler.counts()[static_cast<std::size_t>(kind)];
    }
    virtio::FakeGuest guest;
    FakeCpu cpu;
    Text output;
    virtio::FakeEngine engine;
    virtio::EchoDevice device;
    Machine machine;
    ExitHandler handler{machine, cpu};
};

constexpr Word load_word(unsigned reg) { return 0x9380'0007 | Word{reg} << 16 | 2u << 22; }
constexpr Word store_word(unsigned reg) { return load_word(reg) | 1u << 6; }

TEST(ExitTest, ALoadReadsTheDeviceAndGoesOn) {
    Bed bed;
    EXPECT_EQ(bed.access(0x0a00'0000, 0x9380'0007 | 7u << 16), Next::Run);
    EXPECT_EQ(bed.cpu.context.x7, virtio::magic_value);
    EXPECT_EQ(bed.cpu.context.pc, 0x1004u);
    EXPECT_EQ(bed.count(ExitKind::MmioRead), 1u);
}

TEST(ExitTest, AStoreWritesTheDeviceAndGoesOn) {
    Bed bed;
    bed.cpu.context.x3 = 'k';
    bed.access(0x0900'0000, store_word(3));
    bed.access(0x0900'0000, store_word(31));  // the zero register
    EXPECT_EQ(bed.output.text, (std::string{'k', '\0'}));
    EXPECT_EQ(bed.cpu.context.pc, 0x1008u);
}

TEST(ExitTest, AnAccessToNothingIsAnAbortInTheGuest) {
    Bed bed;
    EXPECT_EQ(bed.access(0x1000'0000, store_word(3)), Next::Run);
    EXPECT_EQ(bed.cpu.context.pc, 0x8200u);
    EXPECT_EQ(bed.cpu.system[sel4::VcpuRegister::ElrEl1], 0x1000u);
    EXPECT_EQ(bed.cpu.system[sel4::VcpuRegister::SpsrEl1], 0x3c5u);
    EXPECT_EQ(bed.cpu.system[sel4::VcpuRegister::Esr], 0x9600'0450u);
    EXPECT_EQ(bed.count(ExitKind::Refused), 1u);
}

TEST(ExitTest, AnExceptionFromUserSpaceTakesThatVector) {
    Bed bed;
    bed.cpu.context.spsr = 0;
    bed.access(0x1000'0000, load_word(3));
    EXPECT_EQ(bed.cpu.context.pc, 0x8400u);
    EXPECT_EQ(bed.cpu.context.spsr, 0x3c5u);
    EXPECT_EQ(bed.cpu.system[sel4::VcpuRegister::Esr] >> 26, 0x24u);
    bed.cpu.context.spsr = 0x10;  // AArch32
    bed.handle(FaultKind::VmFault, {0, 0x1000'0000, 1, 0x8200'0007});
    EXPECT_EQ(bed.cpu.context.pc, 0x8600u);
    EXPECT_EQ(bed.cpu.system[sel4::VcpuRegister::Esr] >> 26, 0x20u);
}

TEST(ExitTest, AnAbortWithoutASyndromeIsRefused) {
    Bed bed;
    bed.access(0x0a00'0000, 0x9200'0007);
    EXPECT_EQ(bed.cpu.context.pc, 0x8200u);
}

TEST(ExitTest, WaitingIsForInterruptsNotForEvents) {
    Bed bed;
    EXPECT_EQ(bed.handle(FaultKind::VcpuFault, {0x07e0'0000}), Next::Wait);
    EXPECT_EQ(bed.handle(FaultKind::VcpuFault, {0x07e0'0001}), Next::Run);
    EXPECT_EQ(bed.cpu.context.pc, 0x1008u);
}

TEST(ExitTest, FirmwareCallsHaveTheirEffects) {
    Bed bed;
    EXPECT_EQ(bed.smc(0x8400'0000), Next::Run);
    EXPECT_EQ(bed.cpu.context.x0, 0x10001u);
    EXPECT_EQ(bed.smc(0xc400'0001), Next::Wait);
    EXPECT_EQ(bed.smc(0x8400'0002), Next::Run);
    EXPECT_EQ(bed.cpu.context.x0, static_cast<Word>(-3));
    EXPECT_EQ(bed.smc(0xc400'0003, 0), Next::Run);
    EXPECT_EQ(bed.cpu.context.x0, static_cast<Word>(-4));
    EXPECT_EQ(bed.smc(0xc400'0003, 1), Next::Run);
    EXPECT_EQ(bed.cpu.context.x0, static_cast<Word>(-2));
    EXPECT_EQ(bed.smc(0xc400'0004, 0), Next::Run);
    EXPECT_EQ(bed.cpu.context.x0, 0u);
    EXPECT_EQ(bed.smc(0x1234), Next::Run);
    EXPECT_EQ(bed.cpu.context.x0, static_cast<Word>(-1));
    EXPECT_EQ(bed.smc(0x8400'0009), Next::Reset);
    EXPECT_EQ(bed.smc(0x8400'0008), Next::PowerOff);
}

TEST(ExitTest, SystemCallsOfTheKernelAreUndefinedInAGuest) {
    Bed bed;
    for (const FaultKind kind : {FaultKind::UnknownSyscall, FaultKind::CapFault,
                                 FaultKind::UserException, FaultKind::Timeout}) {
        bed.cpu.context.pc = 0x2000;
        EXPECT_EQ(bed.handle(kind, std::vector<Word>(13)), Next::Run);
        EXPECT_EQ(bed.cpu.context.pc, 0x8200u);
        EXPECT_EQ(bed.cpu.system[sel4::VcpuRegister::Esr], 0x200'0000u);
        EXPECT_EQ(bed.cpu.system[sel4::VcpuRegister::ElrEl1], 0x2000u);
    }
}

TEST(ExitTest, TheTimerInterruptIsAcknowledgedAtItsEnd) {
    Bed bed;
    EXPECT_TRUE(bed.machine.write(GuestAddress{0x0800'0000}, 4, 1));
    EXPECT_TRUE(bed.machine.write(GuestAddress{0x0800'0100}, 4, 1u << 27));
    EXPECT_EQ(bed.handle(FaultKind::VppiEvent, {27}), Next::Run);
    EXPECT_EQ(bed.cpu.injected.at(0), 27u);
    EXPECT_TRUE(bed.cpu.acknowledged.empty());
    bed.handle(FaultKind::VgicMaintenance, {~Word{0}});
    EXPECT_TRUE(bed.cpu.acknowledged.empty());
    bed.handle(FaultKind::VgicMaintenance, {0});
    EXPECT_EQ(bed.cpu.acknowledged, std::vector<unsigned>{27});
    EXPECT_EQ(bed.cpu.context.pc, 0x1000u) << "an interrupt is no instruction";
}

TEST(ExitTest, SystemRegistersOfTheInterruptControllerAreGicV3s) {
    const Word sgi = Word{0x18} << 26 | 3u << 20 | 5u << 17 | 12u << 10 | 3u << 5 | 11u << 1;
    const Word read_sre =
        Word{0x18} << 26 | 3u << 20 | 5u << 17 | 12u << 10 | 4u << 5 | 12u << 1 | 1;
    Bed three{GicVersion::V3};
    EXPECT_TRUE(three.machine.write(GuestAddress{0x0800'0000}, 4, 2));
    EXPECT_TRUE(three.machine.write(GuestAddress{0x080b'0100}, 4, 1u << 5));
    three.cpu.context.x3 = Word{5} << 24 | 1;
    EXPECT_EQ(three.handle(FaultKind::VcpuFault, {sgi}), Next::Run);
    EXPECT_EQ(three.cpu.injected.at(0), 5u);
    three.handle(FaultKind::VcpuFault, {read_sre});
    EXPECT_EQ(three.cpu.context.x4, 7u);
    EXPECT_EQ(three.cpu.context.pc, 0x1008u);
    Bed two;
    two.handle(FaultKind::VcpuFault, {read_sre});
    EXPECT_EQ(two.cpu.context.pc, 0x8200u);
}

TEST(ExitTest, DebugRegistersReadAsZero) {
    Bed bed;
    bed.cpu.context.x4 = 9;
    bed.handle(FaultKind::VcpuFault, {Word{0x18} << 26 | 2u << 20 | 4u << 5 | 1});
    EXPECT_EQ(bed.cpu.context.x4, 0u);
    EXPECT_EQ(bed.cpu.context.pc, 0x1004u);
}

RC_GTEST_PROP(ExitProperty, AnyMessageIsHandled,
              (const std::vector<std::pair<std::uint8_t, std::vector<Word>>>& messages)) {
    Bed bed{*rc::gen::element(GicVersion::V2, GicVersion::V3)};
    for (const auto& [kind, words] : messages) {
        (void)bed.handle(static_cast<FaultKind>(kind % 11), words);
    }
}

RC_GTEST_PROP(ExitProperty, AnyAccessGoesOnOrIsRefused,
              (const std::vector<std::pair<std::uint32_t, std::uint32_t>>& accesses)) {
    Bed bed{*rc::gen::element(GicVersion::V2, GicVersion::V3)};
    for (const auto& [where, syndrome] : accesses) {
        bed.cpu.context.pc = 0x1000;
        bed.access(0x0800'0000 + where % 0x0200'2000, 0x9000'0000 | (syndrome & 0x3ff'ffff));
        RC_ASSERT(bed.cpu.context.pc == 0x1004u || bed.cpu.context.pc == 0x8200u);
    }
}

}  // namespace
}  // namespace kos::vmm
