// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/kernel/install.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace kos::kernel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view good_config =
    R"({"ARCH_AARCH64": true, "KERNEL_MCS": true, "ARM_HYPERVISOR_SUPPORT": true,
        "EXPORT_VCNT_USER": true, "EXPORT_PCNT_USER": true, "ARM_PA_SIZE_BITS_40": true,
        "ROOT_CNODE_SIZE_BITS": "12"})";

/// A folder in the layout of an seL4 install, with headers of our own making.
class InstallTest : public ::testing::Test {
   protected:
    void SetUp() override {
        std::string name = fs::temp_directory_path() / "kos-kernel-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
        write("bin/kernel.elf", "kernel");
        write("libsel4/include/kernel/gen_config.json", good_config);
        write("support/platform_gen.json", R"({"memory": [{"start": 4096, "end": 8192}]})");
        const std::string include = "libsel4/include/sel4/";
        write(include + "invocation.h", "enum l { InvalidInvocation, UntypedRetype, nLabels };");
        write(include + "sel4_arch/invocation.h", "enum m { ARMSMCCall = nLabels, nMode };");
        write(include + "arch/invocation.h", "enum n { ARMPageTableMap = nMode };");
        write(include + "objecttype.h",
              "enum o { seL4_UntypedObject, seL4_TCBObject, seL4_EndpointObject, "
              "seL4_NotificationObject, seL4_CapTableObject, seL4_SchedContextObject, "
              "seL4_ReplyObject, nTypes };");
        write(include + "sel4_arch/objecttype.h",
              "enum p { seL4_ARM_HugePageObject = nTypes, seL4_ARM_VSpaceObject, nModeTypes };");
        write(include + "arch/objecttype.h",
              "enum q { seL4_ARM_SmallPageObject = nModeTypes, seL4_ARM_LargePageObject, "
              "seL4_ARM_PageTableObject, seL4_ARM_VCPUObject };");
        write(include + "constants.h", "#define seL4_MinSchedContextBits 7\n");
        write(include + "sel4_arch/constants.h",
              "#define seL4_TCBBits 12\n#define seL4_EndpointBits 4\n"
              "#define seL4_NotificationBits 6\n#define seL4_SlotBits 5\n"
              "#define seL4_ReplyBits 5\n#define seL4_HugePageBits 30\n"
              "#define seL4_VSpaceBits 13\n#define seL4_PageBits 12\n"
              "#define seL4_LargePageBits 21\n#define seL4_PageTableBits 12\n"
              "#define seL4_VCPUBits 12\n");
    }
    void TearDown() override { fs::remove_all(folder_); }

    void write(const std::string& path, std::string_view text) {
        fs::create_directories((folder_ / path).parent_path());
        std::ofstream{folder_ / path} << text;
    }

    fs::path folder_;
};

TEST_F(InstallTest, TheRecordHasTheLabelsAndSizesOfTheHeaders) {
    const auto install = open_install(folder_);
    ASSERT_TRUE(install.ok()) << to_string(install.error());
    EXPECT_EQ(install->abi.label(sel4::Invocation::UntypedRetype), 1u);
    EXPECT_EQ(install->abi.label(sel4::Invocation::PageTableMap), 3u);
    EXPECT_EQ(install->abi.label(sel4::Invocation::TcbSetFlags), 0u);
    EXPECT_EQ(install->abi.number(sel4::ObjectType::Vcpu), 12u);
    EXPECT_EQ(install->abi.size_bits(sel4::ObjectType::Tcb), 12u);
    EXPECT_EQ(install->memory.at(0).end, 8192u);
    EXPECT_EQ(install->abi.flags, 0u);
}

TEST_F(InstallTest, AKernelThatDoesNotFitIsRefusedWithTheSettingAndTheValueItNeeds) {
    write("libsel4/include/kernel/gen_config.json",
          R"({"ARCH_AARCH64": true, "KERNEL_MCS": false, "ARM_HYPERVISOR_SUPPORT": true,
              "EXPORT_VCNT_USER": true, "ARM_PA_SIZE_BITS_40": true,
              "ROOT_CNODE_SIZE_BITS": "8"})");
    const auto install = open_install(folder_);
    ASSERT_FALSE(install.ok());
    EXPECT_EQ(install.error().code, ErrorCode::KernelConfig);
    EXPECT_NE(install.error().detail.find("KERNEL_MCS is false, and must be true"),
              std::string::npos);
    EXPECT_NE(install.error().detail.find("ROOT_CNODE_SIZE_BITS is 8, and must be 12 or more"),
              std::string::npos);
}

TEST_F(InstallTest, AMissingHeaderIsNamed) {
    fs::remove(folder_ / "libsel4/include/sel4/objecttype.h");
    const auto install = open_install(folder_);
    ASSERT_FALSE(install.ok());
    EXPECT_NE(install.error().where.find("sel4/objecttype.h"), std::string::npos);
}

TEST_F(InstallTest, AFolderWithoutAKernelIsRefused) {
    fs::remove(folder_ / "bin/kernel.elf");
    EXPECT_EQ(open_install(folder_).error().code, ErrorCode::KernelMissing);
}

TEST(FindInstallTest, TheErrorSaysWhereWasLooked) {
    const auto found =
        find_install("no_such_board", [](const std::string&) { return std::nullopt; });
    ASSERT_FALSE(found.ok());
    EXPECT_NE(found.error().detail.find("SEL4_PREFIX"), std::string::npos);
}

TEST(FindInstallTest, AMicrokitSdkHasAFolderForEachBoardAndConfiguration) {
    const auto folder = find_folder("zcu102", [](const std::string& name) {
        return name == "MICROKIT_SDK" ? std::optional<std::string>{"/sdk"} : std::nullopt;
    });
    EXPECT_EQ(folder, "/sdk/board/zcu102/release");
}

}  // namespace
}  // namespace kos::kernel
