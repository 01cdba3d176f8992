// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/kernel/install.hpp"

#include "cli/kernel/version.hpp"
#include "lib/base/bytes.hpp"
#include "loader/elf/format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace kos::kernel {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::string_view good_config =
    R"({"ARCH_AARCH64": true, "KERNEL_MCS": true, "ARM_HYPERVISOR_SUPPORT": true,
        "EXPORT_VCNT_USER": true, "EXPORT_PCNT_USER": true, "ARM_PA_SIZE_BITS_40": true,
        "MAX_NUM_NODES": "1", "ROOT_CNODE_SIZE_BITS": "12"})";

/// The head of an ELF file for that machine.
std::string elf_head(std::uint16_t machine) {
    elf::format::FileHeader header{};
    std::ranges::copy(elf::format::magic, header.ident.begin());
    header.ident[elf::format::ident_class] = elf::format::class_64;
    header.machine = machine;
    const Bytes bytes = bytes_of(header);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The enumerators of one of the three headers of invocations, in the order of the API.
std::string enumerators(bool (*belongs)(std::string_view)) {
    std::string text;
    for (const std::string_view api_name : {
#define KOS_API_NAME(name, api, label) std::string_view{api},
             KOS_INVOCATIONS(KOS_API_NAME)
#undef KOS_API_NAME
         }) {
        const std::string name = enumerator_of(api_name);
        if (belongs(name) && name != "TCBSetFlags") text += name + ",\n";
    }
    return text;
}
bool is_of_vspaces(std::string_view name) { return name.starts_with("ARMVSpace"); }
bool is_of_arm(std::string_view name) { return name.starts_with("ARM") && !is_of_vspaces(name); }
bool is_generic(std::string_view name) { return !name.starts_with("ARM"); }

/// A folder in the layout of an seL4 install, with headers of our own making.
class InstallTest : public ::testing::Test {
   protected:
    void SetUp() override {
        std::string name = fs::temp_directory_path() / "kos-kernel-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
        write("bin/kernel.elf", elf_head(elf::format::em_aarch64));
        write("libsel4/include/kernel/gen_config.json", good_config);
        write("support/platform_gen.json", R"({"memory": [{"start": 4096, "end": 8192}]})");
        const std::string include = "libsel4/include/sel4/";
        write_invocations("");
        write(
            include + "sel4_arch/invocation.h",
            "enum m { ARMVSpaceClean_Data = nInvocationLabels" +
                enumerators(is_of_vspaces).substr(std::string_view{"ARMVSpaceClean_Data"}.size()) +
                "ARMSMCCall, nSeL4ArchInvocationLabels };");
        write(include + "arch/invocation.h",
              "enum n { ARMPageTableMap = nSeL4ArchInvocationLabels" +
                  enumerators(is_of_arm).substr(std::string_view{"ARMPageTableMap"}.size()) + "};");
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
              "#define seL4_VCPUBits 12\n"
              "enum r { seL4_VCPUReg_SCTLR, seL4_VCPUReg_ESR = 11, seL4_VCPUReg_FAR, "
              "seL4_VCPUReg_ISR, seL4_VCPUReg_VBAR, seL4_VCPUReg_SP_EL1 = 17, "
              "seL4_VCPUReg_ELR_EL1, seL4_VCPUReg_SPSR_EL1, seL4_VCPUReg_CNTV_CTL, "
              "seL4_VCPUReg_CNTV_CVAL, seL4_VCPUReg_CNTVOFF };");
    }
    void TearDown() override { fs::remove_all(folder_); }

    /// With \p more enumerators at the end.
    void write_invocations(const std::string& more) {
        write("libsel4/include/sel4/invocation.h", "enum l {\nInvalidInvocation,\n" +
                                                       enumerators(is_generic) + more +
                                                       "nInvocationLabels\n};");
    }
    /// The configuration with one setting changed.
    void set(const std::string& from, const std::string& to) {
        std::string config{good_config};
        const std::size_t at = config.find(from);
        ASSERT_NE(at, std::string::npos);
        write("libsel4/include/kernel/gen_config.json", config.replace(at, from.size(), to));
    }
    /// Why the install is refused.
    std::string refusal() {
        const auto install = open_install(folder_);
        return install ? "it is not refused" : to_string(install.error());
    }

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
    EXPECT_EQ(install->abi.label(sel4::Invocation::PageTableMap), 40u);
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

TEST_F(InstallTest, AKernelWithoutMcsIsRefused) {
    set(R"("KERNEL_MCS": true)", R"("KERNEL_MCS": false)");
    EXPECT_THAT(refusal(), HasSubstr("KOS-E-KERNEL-CONFIG: "));
    EXPECT_THAT(refusal(), HasSubstr(": KERNEL_MCS is false, and must be true (time is given out"));
}

TEST_F(InstallTest, AKernelWithoutHypervisorSupportIsRefused) {
    set(R"("ARM_HYPERVISOR_SUPPORT": true,)", "");
    EXPECT_THAT(refusal(), HasSubstr("KOS-E-KERNEL-CONFIG: "));
    EXPECT_THAT(refusal(), HasSubstr(": ARM_HYPERVISOR_SUPPORT is not set, and must be true ("));
}

TEST_F(InstallTest, AKernelForSeveralCoresIsRefused) {
    set(R"("MAX_NUM_NODES": "1")", R"("MAX_NUM_NODES": "4")");
    EXPECT_THAT(refusal(), HasSubstr(": MAX_NUM_NODES is 4, and must be 1 ("));
}

TEST_F(InstallTest, AKernelThatIsConfiguredForAnotherArchitectureIsRefused) {
    set(R"("ARCH_AARCH64": true)", R"("ARCH_RISCV": true)");
    EXPECT_THAT(refusal(), HasSubstr("KOS-E-KERNEL-CONFIG: "));
    EXPECT_THAT(refusal(), HasSubstr(": ARCH_AARCH64 is not set, and must be true (kos runs on"));
}

TEST_F(InstallTest, AKernelWhoseElfFileIsForAnotherArchitectureIsRefused) {
    constexpr std::uint16_t em_riscv = 243;
    write("bin/kernel.elf", elf_head(em_riscv));
    EXPECT_THAT(refusal(),
                HasSubstr("KOS-E-KERNEL-CONFIG: " + (folder_ / "bin/kernel.elf").string()));
    EXPECT_THAT(refusal(), HasSubstr(": its ELF machine is 243, and must be 183 ("));
}

TEST_F(InstallTest, AKernelThatIsNoElfFileIsRefused) {
    write("bin/kernel.elf", "kernel");
    EXPECT_THAT(refusal(), HasSubstr("KOS-E-ELF: " + (folder_ / "bin/kernel.elf").string()));
}

TEST_F(InstallTest, AVersionThatIsNewerThanTheSupportedOnesIsRefusedByWhatIsNewInIt) {
    write_invocations("TCBSetColour,\n");
    EXPECT_THAT(refusal(), HasSubstr("KOS-E-KERNEL-VERSION: "));
    EXPECT_THAT(refusal(),
                HasSubstr(": it is newer than 16.0, as TCBSetColour shows, which no supported "
                          "version has; supported are 13.0, 14.0, 15.0 and 16.0"));
}

TEST_F(InstallTest, AVersionThatIsOlderThanTheSupportedOnesIsRefusedByWhatItLacks) {
    write("libsel4/include/sel4/sel4_arch/invocation.h",
          "enum m { ARMVSpaceClean_Data = nInvocationLabels, nSeL4ArchInvocationLabels };");
    EXPECT_THAT(refusal(), HasSubstr("KOS-E-KERNEL-VERSION: "));
    EXPECT_THAT(refusal(), HasSubstr(": it is older than 13.0, as ARMVSpaceInvalidate_Data shows"));
}

TEST_F(InstallTest, AVersionWithOtherNumbersForWhatKosStatesItselfIsRefused) {
    const fs::path header = folder_ / "libsel4/include/sel4/sel4_arch/constants.h";
    std::ofstream{header, std::ios::app} << "\nenum s { seL4_VCPUReg_CNTVOFF = 30 };\n";
    EXPECT_THAT(refusal(), HasSubstr("seL4_VCPUReg_CNTVOFF shows, which has another number"));
}

TEST(KernelVersionTest, TheVersionIsToldByWhatEachAdded) {
    Numbers invocations, everything{{"seL4_VCPUReg_SCTLR", 0},      {"seL4_VCPUReg_ESR", 11},
                                    {"seL4_VCPUReg_FAR", 12},       {"seL4_VCPUReg_VBAR", 14},
                                    {"seL4_VCPUReg_SP_EL1", 17},    {"seL4_VCPUReg_ELR_EL1", 18},
                                    {"seL4_VCPUReg_SPSR_EL1", 19},  {"seL4_VCPUReg_CNTV_CTL", 20},
                                    {"seL4_VCPUReg_CNTV_CVAL", 21}, {"seL4_VCPUReg_CNTVOFF", 22}};
    const std::string text =
        "enum l {\n" + enumerators([](std::string_view) { return true; }) + "};";
    ASSERT_TRUE(read_header(text, "test.h", {}, invocations));
    const auto version = [&] { return version_of(invocations, everything, "test").value(); };
    EXPECT_EQ(version(), "13.0");
    invocations["ARMIRQIssueSGISignal"] = 70;
    EXPECT_EQ(version(), "13.0") << "between two releases";
    invocations["TCBSetFlags"] = 71;
    EXPECT_EQ(version(), "14.0");
    invocations["DomainScheduleConfigure"] = 72;
    EXPECT_EQ(version(), "15.0");
    everything["seL4_VCPUReg_PAR"] = 13;
    EXPECT_EQ(version(), "16.0");
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
