// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Tests with stand-ins for QEMU: shell commands that talk on the serial descriptor and end when the
// monitor says something.
#include "cli/qemu/machine.hpp"

#include "boards/registry.hpp"
#include "cli/qemu/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace kos::qemu {
namespace {

using std::chrono::milliseconds;

Machine shell(const std::string& script) {
    auto machine = Machine::start({"sh", "-c", script});
    EXPECT_TRUE(machine.ok());
    return std::move(machine).value();
}

TEST(QemuMachineTest, TheSinkGetsTheSerialLineAndEndsTheRun) {
    Machine machine = shell("printf 'hello' >&3; read request <&4");
    std::string heard;
    const auto ending = machine.run(
        [&](Bytes bytes) {
            heard += as_text(bytes);
            return heard != "hello";
        },
        milliseconds{10'000});
    EXPECT_EQ(*ending, Ending::SwitchedOff);
}

TEST(QemuMachineTest, TheEndOfQemuIsNoticed) {
    Machine machine = shell("exit 3");
    EXPECT_EQ(*machine.run([](Bytes) { return true; }, milliseconds{10'000}), Ending::Exited);
}

TEST(QemuMachineTest, TimeIsLimited) {
    Machine machine = shell("read request <&4");
    EXPECT_EQ(*machine.run([](Bytes) { return true; }, milliseconds{50}), Ending::TimedOut);
}

TEST(QemuMachineTest, AMissingQemuIsNamedWithItsPackage) {
    const auto machine = Machine::start({"no-such-qemu"});
    ASSERT_FALSE(machine.ok());
    EXPECT_EQ(machine.error().where, "no-such-qemu");
    EXPECT_THAT(machine.error().detail, ::testing::HasSubstr("qemu-system-arm"));
}

TEST(QemuCommandTest, TheInterruptControllerIsTheKernels) {
    kernel::Install install;
    install.config = kernel::Config::parse(R"({"ARM_GIC_V3_SUPPORT": true})", "test").value();
    const auto command = command_for(boards::qemu_virt_aarch64, install, "boot.img");
    EXPECT_THAT(command, ::testing::Contains("virt,virtualization=on,secure=off,gic-version=3"));
    EXPECT_THAT(command, ::testing::Not(::testing::Contains("-semihosting")));
}

TEST(QemuCommandTest, AVolumeIsADiskOnTheBusOfItsNumber) {
    kernel::Install install;
    install.config = kernel::Config::parse(R"({"ARM_GIC_V3_SUPPORT": true})", "test").value();
    const auto without = command_for(boards::qemu_virt_aarch64, install, "boot.img");
    EXPECT_THAT(without, ::testing::Not(::testing::Contains("-drive")));
    const auto command = command_for(boards::qemu_virt_aarch64, install, "boot.img",
                                     {{9, "v-data", "/a,b/data.ext4"}});
    EXPECT_THAT(command, ::testing::Contains(
                             "if=none,id=volume9,format=raw,discard=unmap,file=/a,,b/data.ext4"));
    EXPECT_THAT(command, ::testing::Contains("virtio-blk-device,drive=volume9,serial=v-data,"
                                             "bus=virtio-mmio-bus.9,rerror=report,werror=report"));
}

}  // namespace
}  // namespace kos::qemu
