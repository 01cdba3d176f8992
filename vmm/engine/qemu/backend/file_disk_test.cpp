// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/backend/file_disk.hpp"

#include "lib/linux/file.hpp"
#include "vmm/virtio/blk/block.hpp"
#include "vmm/virtio/testing/fake_transport.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace kos::qemu {
namespace {

using namespace virtio;

struct FileDiskTest : testing::Test {
    FileDiskTest() {
        const int fd = ::mkstemp(path.data());
        EXPECT_TRUE(sys::write_all(fd, std::string(2000, 'f')).ok());
        ::close(fd);
    }
    ~FileDiskTest() override { ::unlink(path.c_str()); }
    std::string content() { return sys::read_file(AT_FDCWD, path.c_str()).value(); }
    std::uint8_t status(Block& device, BlockOperation operation, std::uint64_t sector, Bytes data) {
        DeviceBed bed{device, device.offered()};
        bed.chain(0)
            .readable(BlockHeader{static_cast<std::uint32_t>(operation), 0u, sector})
            .readable(data.first(10))
            .readable(data.subspan(10))
            .writable(1)
            .submit();
        return static_cast<std::uint8_t>(bed.answer(0).value().answer.back());
    }
    std::string path = testing::TempDir() + "disk-XXXXXX";
};

TEST_F(FileDiskTest, WritesAreInTheFileAndReadsComeFromIt) {
    FileDisk disk = FileDisk::open(path, false).value();
    EXPECT_EQ(disk.sectors(), 3u);
    Block device{disk, ""};
    EXPECT_EQ(status(device, BlockOperation::Write, 1, as_bytes(std::string(512, 'w'))), 0);
    EXPECT_EQ(content().substr(511, 514), "f" + std::string(512, 'w') + "f");
    EXPECT_TRUE(disk.flush().ok());
    const BlockRange range{std::uint64_t{2}, 1u, range_unmap};
    EXPECT_EQ(status(device, BlockOperation::WriteZeroes, 0, bytes_of(range)), 0);
    EXPECT_EQ(content()[1024], '\0');
    EXPECT_EQ(content().size(), 2000u);
}

TEST_F(FileDiskTest, ARangeWithoutSectorsIsDoneWithAtOnce) {
    FileDisk disk = FileDisk::open(path, false).value();
    Block device{disk, ""};
    const BlockRange range{std::uint64_t{1}, 0u, 0u};
    EXPECT_EQ(status(device, BlockOperation::Discard, 0, bytes_of(range)), 0);
    EXPECT_EQ(status(device, BlockOperation::WriteZeroes, 0, bytes_of(range)), 0);
}

TEST_F(FileDiskTest, AReadOnlyDiskHasItsLastPartOfASector) {
    FileDisk disk = FileDisk::open(path, true).value();
    EXPECT_EQ(disk.sectors(), 4u);
    Block device{disk, ""};
    DeviceBed bed{device, device.offered()};
    bed.chain(0).readable(BlockHeader{0u, 0u, std::uint64_t{3}}).writable(512).writable(1).submit();
    const auto answer = bed.answer(0).value().answer;
    EXPECT_EQ(answer[2000 - 1536 - 1], std::byte{'f'});
    EXPECT_EQ(answer[2000 - 1536], std::byte{0});
    EXPECT_EQ(answer.back(), std::byte{0});
}

TEST_F(FileDiskTest, AFileThatWasCutMeanwhileIsAnError) {
    FileDisk disk = FileDisk::open(path, false).value();
    ASSERT_EQ(::truncate(path.c_str(), 512), 0);
    Block device{disk, ""};
    DeviceBed bed{device, device.offered()};
    bed.chain(0).readable(BlockHeader{0u, 0u, std::uint64_t{1}}).writable(512).writable(1).submit();
    EXPECT_EQ(bed.answer(0).value().answer.back(), std::byte{1});
}

TEST_F(FileDiskTest, AMissingFileIsNamed) {
    EXPECT_EQ(FileDisk::open(path + ".missing", true).error(), ENOENT);
}

}  // namespace
}  // namespace kos::qemu
