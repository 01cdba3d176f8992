// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/tree.hpp"

#include "libos/testing/app.hpp"

#include <gtest/gtest.h>

namespace kos::libos {
namespace {

using testing::Archive;

class TreeTest : public ::testing::Test {
   protected:
    Result<Tree, TreeError> make(std::vector<std::byte> archive, std::size_t additions = 4) {
        archive_ = std::move(archive);
        return Tree::create(archive_, memory_, additions);
    }

    std::vector<std::byte> archive_;
    std::vector<std::byte> storage_ = std::vector<std::byte>(1 << 20);
    PrivateMemory memory_{storage_};
};

TEST_F(TreeTest, FindsWhatTheArchiveHolds) {
    const auto tree = make(testing::small_root());
    ASSERT_TRUE(tree);
    const auto etc = tree->child(Tree::root, "etc");
    ASSERT_TRUE(etc);
    const auto hosts = tree->child(*etc, "hosts");
    ASSERT_TRUE(hosts);
    EXPECT_EQ(as_text((*tree)[*hosts].data), "127.0.0.1 localhost\n");
    EXPECT_FALSE(tree->child(*etc, "foo.txt"));
}

TEST_F(TreeTest, NamesOfAHardLinkShareTheirData) {
    const auto tree = make(testing::small_root());
    ASSERT_TRUE(tree);
    const Node& other = (*tree)[tree->child(Tree::root, "same.txt").value()];
    EXPECT_EQ(as_text(other.data), "foo\n");
    EXPECT_EQ(other.metadata.link_count, 2u);
}

TEST_F(TreeTest, AnEntryBeforeItsDirectoryIsRefused) {
    EXPECT_EQ(make(Archive{}.file("etc/hosts", "x").finish()).error(), TreeError::Parent);
}

TEST_F(TreeTest, AnEntryWithinAFileIsRefused) {
    EXPECT_EQ(make(Archive{}.file("etc", "x").file("etc/hosts", "x").finish()).error(),
              TreeError::Parent);
}

TEST_F(TreeTest, NoEntryIsNamedAsThePlacesThatAreThereAnyway) {
    for (const char* const name : {"a/..", "a/.", ".."}) {
        EXPECT_EQ(make(Archive{}.directory("a").directory(name).finish()).error(), TreeError::Name)
            << name;
    }
}

TEST_F(TreeTest, TheRootIsADirectory) {
    EXPECT_EQ(make(Archive{}.file(".", "x").finish()).error(), TreeError::Name);
}

TEST_F(TreeTest, ADamagedArchiveIsRefused) {
    auto archive = testing::small_root();
    archive[0] = std::byte{'x'};
    EXPECT_EQ(make(std::move(archive)).error(), TreeError::Archive);
}

TEST_F(TreeTest, HasRoomForAsManyAdditionsAsWereAskedFor) {
    auto tree = make(Archive{}.finish(), 1);
    ASSERT_TRUE(tree);
    EXPECT_TRUE(
        tree->add(Tree::root, "dev", {.mode = cpio::type_directory}, {}, NodeOrigin::Added));
    EXPECT_EQ(tree->add(Tree::root, "proc", {}, {}, NodeOrigin::Added).error(), TreeError::Full);
}

TEST_F(TreeTest, ADirectoryCountsItsSubdirectories) {
    const auto tree = make(Archive{}.directory("a").directory("a/b").directory("a/c").finish());
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->link_count(tree->child(Tree::root, "a").value()), 4u);
}

}  // namespace
}  // namespace kos::libos
