// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/sbom/package_files.hpp"

#include "cli/fixture/message.hpp"
#include "loader/cpio/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::sbom {
namespace {

using testing::AllOf;
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

}  // namespace
}  // namespace kos::sbom
