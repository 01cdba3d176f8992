// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The driver against our own device, whose faults the tests choose.
#include "vmm/virtio/driver/device_disk.hpp"

#include "vmm/virtio/blk/block.hpp"
#include "vmm/virtio/blk/memory_disk.hpp"
#include "vmm/virtio/testing/fake_guest.hpp"
#include "vmm/virtio/testing/fake_mmio.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <map>

namespace kos::virtio {
namespace {

constexpr std::size_t memory_size = 4 * page_size;  // so that three pages of data go at once
constexpr std::uint64_t memory_address = 0x1'4000'0000;
constexpr std::size_t disk_size = 128 * sector_size;

/// A disk in memory that fails as told, and counts what it is asked.
class FaultyDisk final : public Disk {
   public:
    [[nodiscard]] std::uint64_t sectors() const override { return is_empty ? 0 : disk_.sectors(); }
    [[nodiscard]] bool read_only() const override { return is_read_only; }
    Result<void, DiskError> read(std::uint64_t offset, WritableBuffers target) override {
        return answer("read", [&] { return disk_.read(offset, target); });
    }
    Result<void, DiskError> write(std::uint64_t offset, ReadableBuffers source) override {
        return answer("write", [&] { return disk_.write(offset, source); });
    }
    Result<void, DiskError> flush() override {
        return answer("flush", [&] { return disk_.flush(); });
    }
    Result<void, DiskError> discard(std::uint64_t offset, std::uint64_t size) override {
        return answer("discard", [&] { return disk_.discard(offset, size); });
    }
    Result<void, DiskError> write_zeroes(std::uint64_t offset, std::uint64_t size,
                                         bool may_unmap) override {
        return answer("zero", [&] { return disk_.write_zeroes(offset, size, may_unmap); });
    }

    std::vector<std::byte> content = std::vector<std::byte>(disk_size, std::byte{0x11});
    std::map<std::string, int> asked;
    std::optional<DiskError> error;
    bool is_read_only = false, is_empty = false;

   private:
    Result<void, DiskError> answer(const char* what,
                                   const std::function<Result<void, DiskError>()>& done) {
        ++asked[what];
        if (error) return Err{*error};
        return done();
    }
    MemoryDisk disk_{MutableBytes{content}};
};

/// The device's registers, with what the test has in their place. A notification reaches the
/// device when the driver waits, as with a device that takes its time.
struct Port final : DevicePort {
    explicit Port(MmioTransport& to) : transport(to) {}

    std::uint32_t read(std::uint32_t offset) override {
        if (offset == static_cast<std::uint32_t>(Register::Status) && reset_reads != 0) {
            --reset_reads;
            return status_driver_ok;
        }
        const auto found = instead.find(offset);
        if (found != instead.end()) return found->second;
        return static_cast<std::uint32_t>(transport.read(offset, 4));
    }
    void write(std::uint32_t offset, std::uint32_t value) override {
        const bool is_notification = offset == static_cast<std::uint32_t>(Register::QueueNotify);
        if (is_notification && !is_quick) {
            is_notified = true;
            return;
        }
        if (is_notification) is_armed = false;
        const std::uint32_t masked = offset == static_cast<std::uint32_t>(Register::DriverFeatures)
                                         ? value & ~refused_features
                                         : value;
        transport.write(offset, 4, masked);
    }
    void wait() override {
        if (++waits % 2 == 1 && has_idle_interrupts) return;
        if (std::exchange(is_notified, false)) {
            if (on_notification) on_notification();
            transport.write(static_cast<std::uint32_t>(Register::QueueNotify), 4, 0);
            if (!std::exchange(is_armed, false)) panic("the interrupt cannot come");
        }
        if (waits > 10'000) panic("the driver waits for nothing");
    }
    void rearm() override {
        ++rearmed;
        is_armed = true;
    }

    MmioTransport& transport;
    std::map<std::uint32_t, std::uint32_t> instead;
    std::function<void()> on_notification;
    std::uint32_t refused_features = 0;
    unsigned reset_reads = 0;  ///< of the status, before it says that the device is reset
    bool is_notified = false;
    bool is_quick = false;  ///< done before the driver can wait; its interrupt ends another wait
    bool is_armed = true;
    bool has_idle_interrupts = true;  ///< each second wait ends without a cause
    int waits = 0, rearmed = 0;
};

struct DeviceDiskTest : testing::Test {
    DeviceDiskTest() {
        must(memory.add(GuestAddress{memory_address}, MutableBytes{storage, memory_size}),
             "the memory is empty");
    }
    void start() { ASSERT_TRUE(disk.start("v-data").ok()); }
    static std::uint32_t at(Register name) { return static_cast<std::uint32_t>(name); }

    Result<void, DiskError> write(std::uint64_t offset, std::vector<std::byte> bytes) {
        const std::array parts{MutableBytes{bytes}};
        return disk.write(offset, ReadableBuffers{parts, bytes.size()});
    }
    Result<void, DiskError> read(std::uint64_t offset, std::vector<std::byte>& bytes) {
        const std::array parts{MutableBytes{bytes}};
        return disk.read(offset, WritableBuffers{parts, bytes.size()});
    }

    alignas(page_size) std::byte storage[memory_size]{};
    GuestMemory memory;
    FaultyDisk backend;
    Block device{backend, "v-data"};
    FakeEngine engine;
    MmioTransport transport{device, memory, engine, engine};
    Port port{transport};
    DeviceDisk disk{port, {MutableBytes{storage, memory_size}, memory_address}};
};

TEST_F(DeviceDiskTest, IsTheDeviceOfItsSerialWithItsSize) {
    start();
    EXPECT_EQ(disk.sectors(), 128u);
    EXPECT_FALSE(disk.read_only());
    EXPECT_TRUE(engine.log.empty());
}

TEST_F(DeviceDiskTest, AnInterruptThatNobodyWaitedForKeepsNoLaterOneAway) {
    port.has_idle_interrupts = false;
    port.is_quick = true;
    start();
    const std::vector<std::byte> bytes(sector_size, std::byte{0x22});
    EXPECT_TRUE(write(0, bytes).ok());
    port.is_quick = false;
    EXPECT_TRUE(write(sector_size, bytes).ok());
    EXPECT_EQ(backend.content[2 * sector_size - 1], std::byte{0x22});
}

TEST_F(DeviceDiskTest, RequestsLongerThanTheBufferGoInParts) {
    start();
    std::vector<std::byte> bytes(7 * page_size);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>(i * 7 + i / 512);
    ASSERT_TRUE(write(3 * sector_size, bytes).ok());
    EXPECT_EQ(backend.asked["write"], 3);
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), backend.content.begin() + 3 * sector_size));
    EXPECT_EQ(backend.content[3 * sector_size - 1], std::byte{0x11});
    std::vector<std::byte> back(bytes.size());
    ASSERT_TRUE(read(3 * sector_size, back).ok());
    EXPECT_EQ(back, bytes);
    EXPECT_EQ(backend.asked["read"], 3);
    EXPECT_TRUE(engine.log.empty());
}

TEST_F(DeviceDiskTest, FlushDiscardAndZeroesReachTheDevice) {
    start();
    ASSERT_TRUE(disk.flush().ok());
    ASSERT_TRUE(disk.discard(0, 2 * sector_size).ok());
    ASSERT_TRUE(disk.write_zeroes(4 * sector_size, sector_size, true).ok());
    EXPECT_EQ(backend.asked,
              (std::map<std::string, int>{{"flush", 1}, {"discard", 1}, {"zero", 1}}));
    EXPECT_EQ(backend.content[4 * sector_size], std::byte{0});
    EXPECT_EQ(backend.content[5 * sector_size], std::byte{0x11});
}

TEST_F(DeviceDiskTest, RangesAreNoLongerThanTheDeviceTakes) {
    constexpr auto config = static_cast<std::uint32_t>(config_offset);
    port.instead[config + offsetof(BlockConfig, max_write_zeroes_sectors)] = 3;
    start();
    ASSERT_TRUE(disk.write_zeroes(0, 7 * sector_size, false).ok());
    EXPECT_EQ(backend.asked["zero"], 3);
    EXPECT_EQ(backend.content[7 * sector_size - 1], std::byte{0});
    EXPECT_EQ(backend.content[7 * sector_size], std::byte{0x11});
}

TEST_F(DeviceDiskTest, WithoutFlushDiscardAndZeroesItDoesWhatIsAsGood) {
    port.instead[at(Register::DeviceFeatures)] = 1;  // VERSION_1 in the high half, nothing of ours
    start();
    ASSERT_TRUE(disk.flush().ok());
    ASSERT_TRUE(disk.discard(0, disk_size).ok());
    ASSERT_TRUE(disk.write_zeroes(sector_size, 6 * page_size, true).ok());
    EXPECT_EQ(backend.asked, (std::map<std::string, int>{{"write", 2}}));
    EXPECT_EQ(backend.content[sector_size - 1], std::byte{0x11});
    EXPECT_EQ(backend.content[sector_size], std::byte{0});
    EXPECT_EQ(backend.content[sector_size + 6 * page_size], std::byte{0x11});
}

TEST_F(DeviceDiskTest, ErrorsOfTheDeviceAreItsOwnAndTheNextRequestMayGoWell) {
    start();
    std::vector<std::byte> bytes(sector_size);
    backend.error = DiskError::Io;
    EXPECT_EQ(read(0, bytes).error(), DiskError::Io);
    EXPECT_EQ(write(0, bytes).error(), DiskError::Io);
    EXPECT_EQ(disk.flush().error(), DiskError::Io);
    backend.error = DiskError::Unsupported;
    EXPECT_EQ(disk.discard(0, sector_size).error(), DiskError::Unsupported);
    backend.error = std::nullopt;
    EXPECT_TRUE(read(0, bytes).ok());
    EXPECT_EQ(bytes[0], std::byte{0x11});
}

TEST_F(DeviceDiskTest, AReadOnlyDiskIsOne) {
    backend.is_read_only = true;
    start();
    EXPECT_TRUE(disk.read_only());
}

TEST_F(DeviceDiskTest, ADeviceThatNeedsAResetGivesErrorsUntilItHasHadOne) {
    start();
    std::vector<std::byte> bytes(sector_size);
    // The device finds a chain that leads nowhere.
    port.on_notification = [this] { std::memset(storage, 0xff, 16); };
    EXPECT_EQ(read(0, bytes).error(), DiskError::Io);
    EXPECT_EQ(engine.log.size(), 1u);
    port.on_notification = nullptr;
    const int waits = port.waits;
    EXPECT_EQ(read(0, bytes).error(), DiskError::Io);
    EXPECT_EQ(port.waits, waits);
    start();
    EXPECT_TRUE(read(0, bytes).ok());
}

TEST_F(DeviceDiskTest, NothingIsTouchedBeforeTheDeviceIsReset) {
    port.reset_reads = 3;
    start();
    EXPECT_EQ(port.reset_reads, 0u);
    std::vector<std::byte> bytes(sector_size);
    EXPECT_TRUE(read(0, bytes).ok());
}

TEST_F(DeviceDiskTest, ADeviceThatNeverResetsIsRefusedAndItsMemoryLeftAlone) {
    port.reset_reads = ~0u;
    storage[0] = std::byte{0x5a};
    EXPECT_EQ(disk.start("v-data").error(), DiskProblem::Reset);
    EXPECT_EQ(storage[0], std::byte{0x5a});
    EXPECT_EQ(describe(DiskProblem::Reset), "its disk does not reset");
}

TEST_F(DeviceDiskTest, AnotherDeviceIsRefused) {
    EXPECT_EQ(disk.start("v-other").error(), DiskProblem::Serial);
    EXPECT_EQ(disk.start("v-dat").error(), DiskProblem::Serial);
    backend.is_empty = true;
    EXPECT_EQ(disk.start("v-data").error(), DiskProblem::Empty);
    port.instead = {{at(Register::DeviceId), 0}};  // a transport of QEMU's without a device
    EXPECT_EQ(disk.start("v-data").error(), DiskProblem::Absent);
    port.instead = {{at(Register::Version), 1}};
    EXPECT_EQ(disk.start("v-data").error(), DiskProblem::Absent);
    port.instead = {{at(Register::QueueNumMax), 2}};
    EXPECT_EQ(disk.start("v-data").error(), DiskProblem::Rings);
    port.instead = {{at(Register::DeviceFeatures), 0}};
    EXPECT_EQ(disk.start("v-data").error(), DiskProblem::Legacy);
}

RC_GTEST_FIXTURE_PROP(DeviceDiskTest, IsAsADiskInMemoryWouldBe, ()) {
    start();
    std::vector<std::byte> model = backend.content;
    const int operations = *rc::gen::inRange(1, 40);
    for (int i = 0; i < operations; ++i) {
        const auto sector = *rc::gen::inRange<std::uint64_t>(0, 128);
        const auto count = *rc::gen::inRange<std::uint64_t>(1, 129 - sector);
        const std::uint64_t offset = sector * sector_size, size = count * sector_size;
        const auto place = model.begin() + static_cast<std::ptrdiff_t>(offset);
        std::vector<std::byte> bytes(size, static_cast<std::byte>(*rc::gen::inRange(1, 255)));
        switch (*rc::gen::inRange(0, 3)) {
            case 0:
                RC_ASSERT(write(offset, bytes).ok());
                std::copy(bytes.begin(), bytes.end(), place);
                break;
            case 1:
                RC_ASSERT(disk.write_zeroes(offset, size, false).ok());
                std::fill_n(place, size, std::byte{0});
                break;
            default:
                RC_ASSERT(read(offset, bytes).ok());
                RC_ASSERT(std::equal(bytes.begin(), bytes.end(), place));
        }
    }
    RC_ASSERT(backend.content == model);
}

}  // namespace
}  // namespace kos::virtio
