// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/machine/machine.hpp"

#include "vmm/gic/fake_injector.hpp"
#include "vmm/virtio/testing/echo_device.hpp"
#include "vmm/virtio/testing/fake_mmio.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace kos::vmm {
namespace {

struct Text final : ConsoleOutput {
    void write(Bytes bytes) override { text += as_text(bytes); }
    std::string text;
};

struct Bed {
    explicit Bed(GicVersion version)
        : machine({version, guest.memory(), injector, output, engine}) {
        machine.add(first);
        machine.add(second);
    }
    std::uint64_t read(std::uint64_t address, unsigned size = 4) {
        return machine.read(GuestAddress{address}, size).value_or(~std::uint64_t{0});
    }
    bool write(std::uint64_t address, std::uint64_t value, unsigned size = 4) {
        return machine.write(GuestAddress{address}, size, value);
    }
    virtio::FakeGuest guest;
    FakeInjector injector;
    Text output;
    virtio::FakeEngine engine;
    virtio::EchoDevice first, second;
    Machine machine;
};

TEST(MachineTest, EveryUnitIsAtItsPlace) {
    Bed bed{GicVersion::V2};
    EXPECT_EQ(bed.read(0x0800'0fe8), 0x2bu);
    EXPECT_EQ(bed.read(0x0900'0018), 0x90u);
    EXPECT_EQ(bed.read(0x0a00'0000), virtio::magic_value);
    EXPECT_EQ(bed.read(0x0a00'1008), 4u);
    EXPECT_TRUE(bed.write(0x0900'0000, 'x'));
    EXPECT_EQ(bed.output.text, "x");
}

TEST(MachineTest, GicV3TakesTheOthersPlace) {
    Bed bed{GicVersion::V3};
    EXPECT_EQ(bed.read(0x0800'ffe8), 0x3bu);
    EXPECT_EQ(bed.read(0x080a'0008, 8), 0x10u);
    EXPECT_FALSE(bed.machine.read(GuestAddress{0x080c'0000}, 4));
}

TEST(MachineTest, WhereNothingIsThereIsNoAccess) {
    Bed bed{GicVersion::V2};
    for (const std::uint64_t address :
         {0x0ull, 0x07ff'fffeull, 0x0800'0ffdull, 0x0800'1000ull, 0x0801'0000ull, 0x080a'0000ull,
          0x0900'0ffdull, 0x0a00'0ffeull, 0x0a00'2000ull, 0x4000'0000ull, ~0ull}) {
        EXPECT_FALSE(bed.machine.read(GuestAddress{address}, 4)) << address;
        EXPECT_FALSE(bed.write(address, 1)) << address;
    }
}

TEST(MachineTest, ADeviceInterruptsThroughTheController) {
    Bed bed{GicVersion::V2};
    bed.write(0x0800'0000, 1);
    bed.write(0x0800'0104, ~0u);
    // Up to DRIVER_OK without a queue; then its configuration changes.
    const auto set_status = [&bed](std::uint32_t status) { bed.write(0x0a00'1070, status); };
    set_status(1);
    set_status(3);
    bed.write(0x0a00'1024, 1);
    bed.write(0x0a00'1020, 1);
    set_status(0xb);
    set_status(0xf);
    ASSERT_EQ(bed.read(0x0a00'1070), 0xfu);
    bed.second.change_config();
    EXPECT_EQ(bed.injector.take(), (std::vector<FakeInjector::Injected>{{0, 33, 0}}));
    EXPECT_EQ(bed.machine.interrupts().ended(0), 33u);
    bed.machine.interrupts().deliver();
    EXPECT_EQ(bed.injector.take().size(), 1u) << "it was not acknowledged";
    EXPECT_EQ(bed.read(0x0a00'1060), 2u);
    bed.write(0x0a00'1064, 2);
    bed.machine.interrupts().ended(0);
    bed.machine.interrupts().deliver();
    EXPECT_TRUE(bed.injector.take().empty());
}

TEST(MachineTest, TheDescriptionTellsWhatThereIs) {
    Bed bed{GicVersion::V3};
    GuestDescription guest;
    bed.machine.describe(guest);
    EXPECT_EQ(guest.gic, GicVersion::V3);
    ASSERT_EQ(guest.devices.size(), 2u);
    EXPECT_EQ(guest.devices[1].address.value(), 0x0a00'1000u);
    EXPECT_EQ(guest.devices[1].shared_interrupt, 1u);
    EXPECT_EQ(guest.processor_interface.start.value(), 0x080a'0000u);
}

RC_GTEST_PROP(
    MachineProperty, AnyAccessIsServedOrRefused,
    (const std::vector<std::tuple<std::uint32_t, std::uint8_t, std::uint64_t>>& accesses)) {
    Bed two{GicVersion::V2}, three{GicVersion::V3};
    for (const auto& [where, kind, value] : accesses) {
        const std::uint64_t address = 0x0800'0000 + where % 0x0201'0000;
        const unsigned size = 1u << (kind % 4);
        for (Bed* bed : {&two, &three}) {
            RC_ASSERT(bed->write(address, value, size) ==
                      bed->machine.read(GuestAddress{address}, size).has_value());
        }
    }
}

}  // namespace
}  // namespace kos::vmm
