// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the boot shim and the root server say on real seL4 where they cannot go on, as kos hears it:
// docs/bad-input.md lists the cases.
#include "boards/registry.hpp"
#include "boot/checks.hpp"
#include "cli/boot/flat_image.hpp"
#include "cli/fixture/answer_image.hpp"
#include "cli/kernel/install.hpp"
#include "cli/run/qemu_target.hpp"
#include "cli/run/testing/heard_apps.hpp"
#include "lib/base/crc32.hpp"
#include "lib/manifest/image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libfdt.h>

#include <cstring>
#include <fstream>
#include <iterator>

namespace kos::run {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

class BootFailureTest : public ::testing::Test {
   protected:
    void SetUp() override {
        const auto environment = kernel::process_environment();
        if (!kernel::find_folder(std::string{board_.name}, environment)) {
            GTEST_SKIP() << "no seL4 kernel: set SEL4_PREFIX or MICROKIT_SDK";
        }
        auto found = kernel::find_install(std::string{board_.name}, environment);
        ASSERT_TRUE(found.ok()) << to_string(found.error());
        kernel_.emplace(std::move(found).value());
        make_image(fixture::answer_image(KOS_TARGET_DIR));
    }

    void make_image(const std::vector<std::byte>& system_image) {
        const std::string shim = read_file(std::string{KOS_TARGET_DIR} + "/boot.elf");
        const std::string kernel_elf = read_file(kernel_->kernel_elf);
        auto flat = boot_image::write_flat_image({.board = board_,
                                                  .kernel = *kernel_,
                                                  .shim_elf = as_bytes(shim),
                                                  .kernel_elf = as_bytes(kernel_elf),
                                                  .system_image = system_image,
                                                  .device_tree = device_tree_});
        ASSERT_TRUE(flat) << to_string(flat.error());
        flat_ = std::move(flat->bytes);
    }

    [[nodiscard]] std::uint64_t table_offset() const {
        return read_at<boot::ImageHead>(flat_, 0)->boot_table;
    }
    [[nodiscard]] boot::BootTable table() const {
        return *read_at<boot::BootTable>(flat_, table_offset());
    }
    void damage(std::uint64_t offset) { flat_.at(offset) ^= std::byte{0x40}; }
    void set_table(boot::BootTable table) {
        table.crc = boot::checksum_of(table);
        std::memcpy(flat_.data() + table_offset(), &table, sizeof(table));
    }
    /// Changes the system image and makes every checksum right again, those of the shim too.
    template <class Change>
    void change_system_image(Change change) {
        boot::BootTable table = this->table();
        std::byte* start = flat_.data() + table.system_image_offset;
        manifest::ImageHeader header;
        std::memcpy(&header, start, sizeof(header));
        change(header, start);
        std::memcpy(start, &header, sizeof(header));
        const Bytes manifest{start, header.manifest_size};
        header.manifest_crc = crc32(manifest.subspan(offsetof(manifest::ImageHeader, image_size)));
        std::memcpy(start, &header, sizeof(header));
        table.system_image_crc = crc32(Bytes{start, table.system_image_size});
        set_table(table);
    }

    /// The error that kos gives, as it is printed; log_ has the rest.
    std::string error_of_run() {
        Session session{log_};
        const auto ran = boot_in_qemu({board_, *kernel_, flat_}, std::chrono::seconds{60}, session);
        if (!ran) return to_string(ran.error());
        const auto app = session.apps().find(0);
        if (app != session.apps().end() && app->second.failure) {
            return to_string(*app->second.failure);
        }
        return "it ran";
    }

    boards::Board board_ = boards::qemu_virt_aarch64;
    std::optional<kernel::Install> kernel_;
    std::vector<std::byte> device_tree_;
    std::vector<std::byte> flat_;
    HeardApps log_;
};

TEST_F(BootFailureTest, WithoutDamageItRunsAndTheBannerNamesTheImageByItsHash) {
    EXPECT_EQ(error_of_run(), "it ran") << log_.text;
    const auto header = read_at<manifest::ImageHeader>(flat_, table().system_image_offset);
    std::string hash;
    for (const std::uint8_t byte : header->sha256) {
        hash += "0123456789abcdef"[byte >> 4];
        hash += "0123456789abcdef"[byte & 0xf];
    }
    EXPECT_THAT(log_.text, HasSubstr("kos: system image " + hash + "\n"));
}

TEST_F(BootFailureTest, ADamagedKernelIsNamed) {
    damage(table().kernel_segments[0].offset + 0x1234);
    EXPECT_THAT(error_of_run(), StartsWith("KOS-E-BOOT-DAMAGED: qemu_virt_aarch64: a part of the "
                                           "boot image is damaged: kernel: checksum: 0x"));
}

TEST_F(BootFailureTest, ADamagedRootServerIsNamed) {
    damage(table().root_server_offset + table().root_server_size - 1);
    EXPECT_THAT(error_of_run(), HasSubstr("root server: checksum"));
}

TEST_F(BootFailureTest, ADamagedSystemImageIsNamed) {
    damage(table().system_image_offset + table().system_image_size - 1);
    EXPECT_THAT(error_of_run(), HasSubstr("system image: checksum"));
}

TEST_F(BootFailureTest, ADamagedBootTableIsNotSilent) {
    damage(table_offset() + offsetof(boot::BootTable, uart_address));
    EXPECT_THAT(error_of_run(), StartsWith("KOS-E-BOOT-TABLE: "));
}

TEST_F(BootFailureTest, ADamagedHeadIsNotSilent) {
    damage(offsetof(boot::ImageHead, uart_address) + 3);
    EXPECT_THAT(error_of_run(), HasSubstr("the head's checksum"));
}

TEST_F(BootFailureTest, AnotherExceptionLevelIsNamed) {
    board_.qemu.machine = "virt,virtualization=off,secure=off,gic-version=";
    EXPECT_THAT(error_of_run(), HasSubstr("it is at exception level: 0x1\n"));
}

TEST_F(BootFailureTest, AProcessorWithFewerAddressBitsThanTheKernelIsRefused) {
    boot::BootTable changed = table();
    changed.tcr_el2 = changed.tcr_el2 | std::uint64_t{7} << 16;
    set_table(changed);
    EXPECT_THAT(error_of_run(), StartsWith("KOS-E-BOOT-CPU: "));
}

TEST_F(BootFailureTest, AnAccessThatFaultsInTheShimIsToldWithItsAddress) {
    boot::BootTable changed = table();
    changed.kernel_segments[0].physical_address = 0x0b00'0000;  // nothing
    set_table(changed);
    EXPECT_THAT(error_of_run(), StartsWith("KOS-E-BOOT-FAULT: "));
}

TEST_F(BootFailureTest, AMachineWithLessRamThanTheKernelManagesIsRefused) {
    board_.qemu.memory = "512";
    EXPECT_THAT(error_of_run(), HasSubstr("the kernel manages RAM that the board lacks, at: "
                                          "0x60000000"));
}

/// A device tree of our own in the place of the firmware's.
std::vector<std::byte> tree_without_memory() {
    std::vector<std::byte> tree(512);
    EXPECT_EQ(fdt_create_empty_tree(tree.data(), static_cast<int>(tree.size())), 0);
    return tree;
}

TEST_F(BootFailureTest, ADeviceTreeWithoutMemoryIsNamed) {
    device_tree_ = tree_without_memory();
    make_image(fixture::answer_image(KOS_TARGET_DIR));
    EXPECT_THAT(error_of_run(), HasSubstr("it names no memory"));
}

TEST_F(BootFailureTest, ADamagedDeviceTreeIsNamed) {
    device_tree_ = tree_without_memory();
    make_image(fixture::answer_image(KOS_TARGET_DIR));
    damage(table().device_tree_offset);
    EXPECT_THAT(error_of_run(), HasSubstr("device tree: checksum"));
}

TEST_F(BootFailureTest, AnImageLargerThanTheRamOfItsDeviceTreeIsRefused) {
    device_tree_ = tree_without_memory();
    void* tree = device_tree_.data();
    const int node = fdt_add_subnode(tree, 0, "memory");
    ASSERT_EQ(fdt_setprop_string(tree, node, "device_type", "memory"), 0);
    ASSERT_EQ(fdt_setprop_u64(tree, node, "reg", 0x4000'0000), 0);  // default: 2 cells and 1
    ASSERT_EQ(fdt_appendprop_u32(tree, node, "reg", 0x20'4000), 0);
    make_image(fixture::answer_image(KOS_TARGET_DIR));
    EXPECT_THAT(error_of_run(), HasSubstr("the boot image is larger than the RAM, which ends at: "
                                          "0x40204000"));
}

TEST_F(BootFailureTest, AManifestWithAWrongChecksumIsRefusedByTheRootServer) {
    change_system_image([](manifest::ImageHeader& /*header*/, std::byte* start) {
        start[sizeof(manifest::ImageHeader)] ^= std::byte{1};
    });
    // The shim's checksums are right, the manifest's own is not.
    boot::BootTable changed = table();
    std::byte* start = flat_.data() + changed.system_image_offset;
    start[offsetof(manifest::ImageHeader, manifest_crc)] ^= std::byte{1};
    changed.system_image_crc = crc32(Bytes{start, changed.system_image_size});
    set_table(changed);
    EXPECT_THAT(error_of_run(), AllOf(StartsWith("KOS-E-SYSTEM-IMAGE: qemu_virt_aarch64: "),
                                      HasSubstr("the manifest's checksum does not match")));
}

TEST_F(BootFailureTest, AMalformedManifestIsRefusedThoughItsChecksumIsRight) {
    change_system_image([](manifest::ImageHeader& header, std::byte*) {
        header.mappings.count = header.mappings.count + 0x10000;
    });
    EXPECT_THAT(error_of_run(), AllOf(StartsWith("KOS-E-SYSTEM-IMAGE: "),
                                      HasSubstr("a table lies outside the manifest")));
}

TEST_F(BootFailureTest, AnotherFormatVersionIsRefused) {
    change_system_image(
        [](manifest::ImageHeader& header, std::byte*) { header.version = header.version + 1; });
    EXPECT_THAT(error_of_run(), StartsWith("KOS-E-SYSTEM-IMAGE-VERSION: "));
}

TEST_F(BootFailureTest, AnAppThatNeverFitsIsRefusedWithTheBytesThatAreMissing) {
    make_image(fixture::answer_image(KOS_TARGET_DIR, 200'000));
    EXPECT_THAT(error_of_run(),
                AllOf(StartsWith("KOS-E-UNTYPED: "),
                      ::testing::ContainsRegex(
                          "[1-9][0-9]+ bytes are missing \\([0-9]+ are needed, [0-9]+ are there")));
}

}  // namespace
}  // namespace kos::run
