// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The kernel ABI record that kos reads off a kernel's headers, against what a compiler makes of the
// same headers: that of SEL4_PREFIX or MICROKIT_SDK, and every install in KOS_SEL4_KERNELS.
#include "cli/kernel/install.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace kos::kernel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t number_count = sel4::invocation_count + 2 * sel4::object_type_count;

class TemporaryFolder {
   public:
    TemporaryFolder() {
        std::string name = fs::temp_directory_path() / "kos-probe-XXXXXX";
        if (mkdtemp(name.data()) != nullptr) path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { fs::remove_all(path_); }
    [[nodiscard]] const fs::path& path() const { return path_; }

   private:
    fs::path path_;
};

fs::path headers_of(const fs::path& install) {
    const fs::path prefix_layout = install / "libsel4/include";
    return fs::exists(prefix_layout) ? prefix_layout : install / "include";
}

bool run(const std::string& command) { return std::system(command.c_str()) == 0; }

/// What the compiler makes of the probe with the headers of \p install; empty where it fails.
std::vector<unsigned> compiled_numbers(const fs::path& install) {
    const TemporaryFolder folder;
    const std::string object = folder.path() / "probe.o", numbers = folder.path() / "numbers";
    const std::string include = headers_of(install);
    if (!run("aarch64-linux-gnu-g++ -std=c++20 -w -fpermissive -isystem '" + include +
             "' -c '" KOS_PROBE "' -o '" + object + "'") ||
        !run("aarch64-linux-gnu-objcopy -O binary --only-section=.probe '" + object + "' '" +
             numbers + "'")) {
        return {};
    }
    std::ifstream file{numbers, std::ios::binary};
    std::vector<unsigned> values;
    for (int low = file.get(); low >= 0; low = file.get()) {
        values.push_back(static_cast<unsigned>(low) | static_cast<unsigned>(file.get()) << 8);
    }
    return values;
}

void expect_agreement(const fs::path& install) {
    SCOPED_TRACE(install.string());
    const auto opened = open_install(install);
    ASSERT_TRUE(opened.ok()) << to_string(opened.error());
    const auto compiled = compiled_numbers(install);
    ASSERT_EQ(compiled.size(), number_count);
    const sel4::KernelAbi& record = opened->abi;
    std::size_t next = 0;
    for (unsigned i = 0; i < sel4::invocation_count; ++i) {
        EXPECT_EQ(record.invocation_labels[i], compiled[next++])
            << sel4::name_of(static_cast<sel4::Invocation>(i));
    }
    for (unsigned i = 0; i < sel4::object_type_count; ++i) {
        EXPECT_EQ(record.object_numbers[i], compiled[next++]) << "object type " << i;
    }
    for (unsigned i = 0; i < sel4::object_type_count; ++i) {
        EXPECT_EQ(record.object_size_bits[i], compiled[next++]) << "size of object type " << i;
    }
    std::cout << install.filename().string() << ": " << next << " numbers agree\n";
}

TEST(KernelAbiProbeTest, TheRecordIsWhatTheKernelsHeadersSay) {
    const auto environment = process_environment();
    std::vector<fs::path> installs;
    if (const auto found = find_folder("qemu_virt_aarch64", environment)) {
        installs.push_back(*found);
    }
    if (const auto folder = environment("KOS_SEL4_KERNELS")) {
        for (const auto& entry : fs::directory_iterator{*folder}) {
            if (entry.is_directory()) installs.push_back(entry.path());
        }
    }
    if (installs.empty()) {
        GTEST_SKIP() << "no seL4 kernel: set SEL4_PREFIX, MICROKIT_SDK or KOS_SEL4_KERNELS";
    }
    for (const fs::path& install : installs) expect_agreement(install);
}

}  // namespace
}  // namespace kos::kernel
