// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/blk/block.hpp"

#include "vmm/virtio/blk/memory_disk.hpp"
#include "vmm/virtio/testing/fake_transport.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kos::virtio {
namespace {

BlockHeader header(BlockOperation operation, std::uint64_t sector = 0) {
    return {static_cast<std::uint32_t>(operation), 0u, sector};
}

struct BlockTest : testing::Test {
    using Status = BlockStatus;
    /// The status of a request without data to read.
    Status status_of(BlockOperation operation, std::uint64_t sector, Bytes data) {
        auto chain = bed.chain(0).readable(header(operation, sector));
        if (!data.empty()) chain.readable(data);
        chain.writable(1).submit();
        return static_cast<Status>(bed.answer(0).value().answer.back());
    }
    Status status_of_range(BlockOperation operation, std::uint64_t sector, std::uint32_t sectors,
                           std::uint32_t flags) {
        const BlockRange range{sector, sectors, flags};
        return status_of(operation, 0, bytes_of(range));
    }
    std::vector<std::byte> read(std::uint64_t sector, std::uint32_t size) {
        bed.chain(0)
            .readable(header(BlockOperation::Read, sector))
            .writable(size)
            .writable(1)
            .submit();
        return bed.answer(0).value().answer;
    }

    std::vector<std::byte> content = std::vector<std::byte>(8 * sector_size, std::byte{0x11});
    MemoryDisk disk{MutableBytes{content}};
    Block device{disk, "linux2"};
    DeviceBed bed{device, blk_flush | blk_discard | blk_write_zeroes};
};

TEST_F(BlockTest, WhatIsWrittenIsReadBack) {
    const std::vector<std::byte> data(2 * sector_size, std::byte{0x77});
    EXPECT_EQ(status_of(BlockOperation::Write, 3, data), Status::Ok);
    EXPECT_EQ(content[3 * sector_size - 1], std::byte{0x11});
    const auto answer = read(2, 3 * sector_size);
    ASSERT_EQ(answer.size(), 3 * sector_size + 1);
    EXPECT_EQ(answer[0], std::byte{0x11});
    EXPECT_EQ(answer[sector_size], std::byte{0x77});
    EXPECT_EQ(answer.back(), std::byte{0});
    EXPECT_EQ(status_of(BlockOperation::Flush, 0, {}), Status::Ok);
    EXPECT_EQ(device.block_metrics().flushes, 1u);
    EXPECT_TRUE(bed.transport.interrupts[0]);
}

TEST_F(BlockTest, RequestsOutsideOfTheDiskAreErrors) {
    const std::vector<std::byte> data(2 * sector_size);
    EXPECT_EQ(status_of(BlockOperation::Write, 7, data), Status::IoError);
    EXPECT_EQ(status_of(BlockOperation::Write, ~std::uint64_t{0}, data), Status::IoError);
    EXPECT_EQ(read(8, sector_size).back(), std::byte{1});
    EXPECT_EQ(read(0, 100).back(), std::byte{1});
    EXPECT_FALSE(bed.transport.failure);
    EXPECT_EQ(content[7 * sector_size], std::byte{0x11});
    EXPECT_EQ(device.block_metrics().errors, 4u);
}

TEST_F(BlockTest, TheSerialIsGiven) {
    bed.chain(0).readable(header(BlockOperation::GetId)).writable(20).writable(1).submit();
    const auto answer = bed.answer(0).value().answer;
    EXPECT_EQ(as_text(answer).substr(0, 7), std::string_view("linux2\0", 7));
    EXPECT_EQ(answer.size(), 21u);
}

TEST_F(BlockTest, ZeroesAreWrittenAndDiscardedBytesAreGivenUp) {
    EXPECT_EQ(status_of_range(BlockOperation::WriteZeroes, 1, 2, range_unmap), Status::Ok);
    EXPECT_EQ(content[sector_size], std::byte{0});
    EXPECT_EQ(content[3 * sector_size], std::byte{0x11});
    EXPECT_EQ(status_of_range(BlockOperation::Discard, 3, 1, 0), Status::Ok);
    EXPECT_EQ(status_of_range(BlockOperation::Discard, 3, 1, range_unmap), Status::Unsupported);
    EXPECT_EQ(status_of_range(BlockOperation::WriteZeroes, 3, 1, 6), Status::Unsupported);
    EXPECT_EQ(status_of_range(BlockOperation::WriteZeroes, 7, 2, 0), Status::IoError);
    EXPECT_EQ(status_of_range(BlockOperation::WriteZeroes, ~std::uint64_t{0}, ~0u, 0),
              Status::IoError);
    EXPECT_EQ(status_of(BlockOperation::Discard, 0, std::vector<std::byte>(17)), Status::IoError);
}

TEST_F(BlockTest, AnUnknownOperationIsUnsupported) {
    EXPECT_EQ(status_of(BlockOperation{99}, 0, {}), Status::Unsupported);
}

TEST_F(BlockTest, ARequestWithoutRoomForItsStatusStopsTheDevice) {
    bed.chain(0).readable(header(BlockOperation::Write)).submit();
    bed.notify(0);
    EXPECT_EQ(bed.transport.failure, DriverError{RequestError::Answer});
}

TEST_F(BlockTest, ARequestWithoutAHeaderStopsTheDevice) {
    bed.chain(0).readable("short").writable(1).submit();
    bed.notify(0);
    EXPECT_EQ(bed.transport.failure, DriverError{RequestError::Header});
}

TEST_F(BlockTest, TheConfigurationTellsTheCapacity) {
    BlockConfig config;
    std::array<std::byte, sizeof config> bytes;
    device.read_config(0, bytes);
    EXPECT_EQ(read_at<BlockConfig>(bytes, 0)->capacity, 8u);
}

TEST(ReadOnlyBlock, WritesAreErrorsAndThePaddingOfTheLastSectorIsZero) {
    const std::vector<std::byte> image(700, std::byte{0x22});
    MemoryDisk disk{Bytes{image}};
    Block device{disk, "a serial of more than twenty characters"};
    DeviceBed bed{device, blk_read_only};
    EXPECT_NE(device.offered() & blk_read_only, 0u);
    EXPECT_EQ(device.offered() & blk_discard, 0u);
    bed.chain(0).readable(header(BlockOperation::Read, 1)).writable(512).writable(1).submit();
    const auto answer = bed.answer(0).value().answer;
    EXPECT_EQ(answer[700 - 512 - 1], std::byte{0x22});
    EXPECT_EQ(answer[700 - 512], std::byte{0});
    for (const auto operation : {BlockOperation::Write, BlockOperation::WriteZeroes}) {
        bed.chain(0).readable(header(operation)).readable(image).writable(1).submit();
        EXPECT_EQ(bed.answer(0).value().answer.back(), std::byte{1});
    }
}

/// The disk against a plain array, requests cut into random parts.
/// A disk that notes at each flush whether the driver has been told of what was done before.
class FlushedDisk final : public Disk {
   public:
    explicit FlushedDisk(const FakeTransport& transport) : transport_(transport) {}
    [[nodiscard]] std::uint64_t sectors() const override { return 8; }
    [[nodiscard]] bool read_only() const override { return false; }
    Result<void, DiskError> read(std::uint64_t, WritableBuffers) override { return {}; }
    Result<void, DiskError> write(std::uint64_t, ReadableBuffers) override { return {}; }
    Result<void, DiskError> flush() override {
        told.push_back(transport_.interrupts[0]);
        return {};
    }
    Result<void, DiskError> discard(std::uint64_t, std::uint64_t) override { return {}; }
    Result<void, DiskError> write_zeroes(std::uint64_t, std::uint64_t, bool) override { return {}; }

    std::vector<bool> told;

   private:
    const FakeTransport& transport_;
};

TEST(BlockInterruptTest, TheDriverHearsOfARequestWhileTheNextIsUnderWay) {
    FakeTransport transport;
    FlushedDisk disk{transport};
    Block device{disk, "disk"};
    DeviceBed bed{device, blk_flush};
    device.attach(transport);
    for (int i = 0; i < 2; ++i) {
        bed.chain(0).readable(header(BlockOperation::Flush)).writable(1).submit();
    }
    bed.notify(0);
    EXPECT_EQ(disk.told, (std::vector<bool>{false, true}));
    EXPECT_EQ(device.metrics().interrupts, 1u);
}

RC_GTEST_PROP(BlockProperty, ADiskIsAnArrayOfSectors, ()) {
    std::vector<std::byte> content(16 * sector_size), model = content;
    MemoryDisk disk{MutableBytes{content}};
    Block device{disk, ""};
    DeviceBed bed{device, 0, 2 << 20};
    for (int i = 0; i < 40; ++i) {
        const auto sector = *rc::gen::inRange<std::uint64_t>(0, 16);
        const auto sectors = *rc::gen::inRange<std::uint64_t>(1, 17 - sector);
        const auto cut = *rc::gen::inRange<std::uint32_t>(1, 512);
        const auto size = static_cast<std::uint32_t>(sectors * sector_size);
        const auto at = model.begin() + static_cast<std::ptrdiff_t>(sector * sector_size);
        if (*rc::gen::arbitrary<bool>()) {
            const std::vector<std::byte> data(size, static_cast<std::byte>(i));
            bed.chain(0)
                .readable(header(BlockOperation::Write, sector))
                .readable(Bytes{data}.first(cut))
                .readable(Bytes{data}.subspan(cut))
                .writable(1)
                .submit();
            RC_ASSERT(bed.answer(0)->answer.back() == std::byte{0});
            std::copy(data.begin(), data.end(), at);
        } else {
            bed.chain(0)
                .readable(header(BlockOperation::Read, sector))
                .writable(cut)
                .writable(size - cut)
                .writable(1)
                .submit();
            const auto answer = bed.answer(0)->answer;
            RC_ASSERT(std::equal(answer.begin(), answer.end() - 1, at));
        }
    }
    RC_ASSERT(content == model);
}

}  // namespace
}  // namespace kos::virtio
