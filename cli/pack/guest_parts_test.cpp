// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/guest_parts.hpp"

#include "cli/fixture/temporary_folder.hpp"
#include "loader/cpio/reader.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace kos::pack {
namespace {

TEST(GuestPartsTest, AKernelWithoutModulesStartsFromKosinitAlone) {
    const fixture::TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "boot");
    std::string image(64, '\0');
    image.replace(56, 4, "ARM\x64");
    std::ofstream{folder.path() / "boot/vmlinuz-1"} << image;
    const GuestParts parts =
        must(make_guest_parts({"program", folder.path()}), "the kernel is an Image");
    EXPECT_EQ(parts.kernel.size(), image.size());
    std::vector<std::string> names;
    cpio::Reader reader{parts.initrd};
    while (const auto entry = must(reader.next(), "the archive is good")) {
        names.emplace_back(entry->name);
    }
    EXPECT_THAT(names, testing::ElementsAre(".", "init"));
}

}  // namespace
}  // namespace kos::pack
