// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/squashfs/inode_table.hpp"

#include "cli/fixture/tar_builder.hpp"
#include "cli/oci/layer.hpp"

#include <gtest/gtest.h>

namespace kos::squashfs {
namespace {

oci::RootFs tree_of(fixture::TarBuilder& tar) {
    oci::RootFs rootfs;
    oci::LayerApplier applier{rootfs, {}};
    must(applier.apply(as_bytes(tar.finish()), "layer"), "the tar is good");
    return rootfs;
}

const oci::Node& at(const oci::RootFs& rootfs, const char* path) {
    return *rootfs.resolve(path).value().node;
}

TEST(InodeTableTest, ADirectoryComesAfterAllThatLiesBelowIt) {
    fixture::TarBuilder tar;
    tar.file("a/b/c", "").file("a/d", "").file("e", "");
    const oci::RootFs rootfs = tree_of(tar);
    const InodeTable table{rootfs};
    ASSERT_EQ(table.inodes().size(), 6u);
    EXPECT_LT(table.number_of(at(rootfs, "a/b/c")), table.number_of(at(rootfs, "a/b")));
    EXPECT_LT(table.number_of(at(rootfs, "a/b")), table.number_of(at(rootfs, "a")));
    EXPECT_EQ(table.number_of(rootfs.root()), 6u);
}

TEST(InodeTableTest, TheEntriesOfADirectoryFollowEachOther) {
    fixture::TarBuilder tar;
    tar.file("a/x/1", "").file("a/y", "").file("a/z/2", "");
    const oci::RootFs rootfs = tree_of(tar);
    const InodeTable table{rootfs};
    const std::uint32_t first = table.number_of(at(rootfs, "a/x"));
    EXPECT_EQ(table.number_of(at(rootfs, "a/y")), first + 1);
    EXPECT_EQ(table.number_of(at(rootfs, "a/z")), first + 2);
}

TEST(InodeTableTest, LinksAreCountedAsStatCountsThem) {
    fixture::TarBuilder tar;
    tar.file("one", "x").add({.path = "two", .type = 'h', .content = "one"});
    tar.directory("d").directory("d/e").directory("d/f").file("d/g", "");
    const oci::RootFs rootfs = tree_of(tar);
    const InodeTable table{rootfs};
    const auto links = [&](const char* path) {
        return table.inodes()[table.number_of(at(rootfs, path)) - 1].links;
    };
    EXPECT_EQ(links("one"), 2u);
    EXPECT_EQ(links("d"), 4u);
    EXPECT_EQ(links("d/g"), 1u);
    EXPECT_EQ(links("/"), 3u);
}

TEST(InodeTableTest, ADirectoryKnowsTheOneAboveIt) {
    fixture::TarBuilder tar;
    tar.directory("a").directory("a/b");
    const oci::RootFs rootfs = tree_of(tar);
    const InodeTable table{rootfs};
    const auto parent = [&](const char* path) {
        return table.inodes()[table.number_of(at(rootfs, path)) - 1].parent;
    };
    EXPECT_EQ(parent("a/b"), table.number_of(at(rootfs, "a")));
    EXPECT_EQ(parent("a"), table.number_of(rootfs.root()));
    EXPECT_EQ(parent("/"), table.inodes().size() + 1);
}

}  // namespace
}  // namespace kos::squashfs
