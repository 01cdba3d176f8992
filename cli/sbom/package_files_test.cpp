// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/sbom/package_files.hpp"

#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "cli/oci/layer.hpp"
#include "cli/squashfs/writer.hpp"
#include "loader/cpio/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::sbom {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view folder = "var/lib/dpkg/status.d/";

/// Of an initrd of regular files, by their names within status.d.
Outcome<oci::RootFs> files_of(const std::vector<std::string>& names) {
    cpio::Writer writer;
    for (const std::string& name : names) {
        const cpio::Metadata metadata{.mode = cpio::type_regular | 0644};
        (void)must(writer.add(std::string{folder} + name, metadata, as_bytes("Package: p\n")),
                   "the name is good");
    }
    return package_files(std::move(writer).finish());
}

TEST(PackageFiles, FilesAreFoundWhereTheInitrdHasThem) {
    const oci::RootFs tree = must(files_of({"a", "deep/b"}), "it is good");
    for (const char* path : {"/var/lib/dpkg/status.d/a", "/var/lib/dpkg/status.d/deep/b"}) {
        ASSERT_NE(tree.read(path), nullptr) << path;
        EXPECT_EQ(*tree.read(path), "Package: p\n") << path;
    }
}

TEST(PackageFiles, ANameThatLeadsUpwardsIsRefused) {
    EXPECT_THAT(fixture::message_of(files_of({"../x"})),
                AllOf(HasSubstr("KOS-E-SYSTEM-IMAGE"), HasSubstr("var/lib/dpkg/status.d/../x")));
}

TEST(PackageFiles, ANameThatLeadsThroughAFileIsRefused) {
    for (const std::string name : {"x/y", "x/y/z"}) {
        EXPECT_THAT(fixture::message_of(files_of({"x", name})),
                    AllOf(HasSubstr("KOS-E-SYSTEM-IMAGE"), HasSubstr(std::string{folder} + name)));
    }
}

TEST(PackageFiles, ANameThatIsLongerThanAPathCanBeIsRefused) {
    std::string deep;
    while (deep.size() < 1'000'000) deep += "d/";
    EXPECT_THAT(fixture::message_of(files_of({deep + "x"})),
                AllOf(HasSubstr("KOS-E-SYSTEM-IMAGE"), HasSubstr("the path is too long")));
}

/// A guest's disk of two kernels' modules, by the content of their modules.dep.
squashfs::Reader disk_of(const std::string& first, const std::string& second) {
    fixture::TarBuilder tar;
    tar.file("lib/modules/1/modules.dep", first).file("lib/modules/2/modules.dep", second);
    oci::RootFs rootfs;
    oci::LayerApplier applier{rootfs, {}};
    must(applier.apply(as_bytes(tar.finish()), "layer"), "the tar is good");
    const auto image = must(squashfs::make_squashfs(rootfs), "it can be written");
    return must(squashfs::Reader::create(image), "it was just written");
}

TEST(PackageFiles, ModulesAreThoseThatTheirListsName) {
    squashfs::Reader disk = disk_of("b.ko: a.ko\na.ko:\nno module\n", "c.ko: b.ko a.ko");
    std::vector<std::string> listed;
    for (const ListedModule& module : must(listed_modules(disk), "it is good")) {
        listed.push_back(module.release + "/" + module.path);
    }
    EXPECT_THAT(listed, ElementsAre("1/b.ko", "1/a.ko", "2/c.ko"));
}

TEST(PackageFiles, MoreModulesThanThereCanBeAreRefused) {
    std::string lines;
    for (std::size_t count = 0; count < most_modules; ++count) lines += "m:\n";
    squashfs::Reader most = disk_of(lines, "no module\n");
    EXPECT_EQ(must(listed_modules(most), "it is good").size(), most_modules);
    squashfs::Reader more = disk_of(lines, "m:\n");
    EXPECT_THAT(fixture::message_of(listed_modules(more)),
                AllOf(HasSubstr("KOS-E-SYSTEM-IMAGE: lib/modules/2/modules.dep"),
                      HasSubstr("too many modules")));
}

}  // namespace
}  // namespace kos::sbom
