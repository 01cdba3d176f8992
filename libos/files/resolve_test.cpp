// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/files/resolve.hpp"

#include "libos/testing/app.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace kos::libos {
namespace {

class ResolveTest : public ::testing::Test {
   protected:
    ResolveTest() : tree_(Tree::create(archive_, memory_, 0).value()) {}

    Outcome<NodeId> resolve(std::string_view path, LastLink last = LastLink::Follow,
                            Credentials who = {}) {
        return Resolver{tree_, who}.resolve(start_, path, last);
    }
    std::string path_to(std::string_view path, LastLink last = LastLink::Follow) {
        const auto node = resolve(path, last);
        if (!node) return "error " + std::to_string(static_cast<int>(node.error()));
        std::array<char, 256> buffer;
        return std::string{path_of(tree_, *node, buffer).value()};
    }
    std::optional<Errno> error_of(std::string_view path, LastLink last = LastLink::Follow,
                                  Credentials who = {}) {
        const auto node = resolve(path, last, who);
        if (node) return std::nullopt;
        return node.error();
    }

    std::vector<std::byte> archive_ = testing::small_root();
    std::vector<std::byte> storage_ = std::vector<std::byte>(1 << 20);
    PrivateMemory memory_{storage_};
    Tree tree_;
    NodeId start_ = Tree::root;
};

constexpr Credentials somebody{1000, 1000};

TEST_F(ResolveTest, WalksAbsoluteAndRelativePaths) {
    EXPECT_EQ(path_to("/etc/hosts"), "/etc/hosts");
    start_ = resolve("/etc").value();
    EXPECT_EQ(path_to("hosts"), "/etc/hosts");
    EXPECT_EQ(path_to("../foo.txt"), "/foo.txt");
    EXPECT_EQ(path_to("/bin/../etc/./hosts"), "/etc/hosts");
}

TEST_F(ResolveTest, TheRootIsItsOwnParent) { EXPECT_EQ(path_to("/../.."), "/"); }

TEST_F(ResolveTest, RepeatedSlashesAreOne) { EXPECT_EQ(path_to("//etc///hosts"), "/etc/hosts"); }

TEST_F(ResolveTest, FollowsLinks) {
    EXPECT_EQ(path_to("/link"), "/etc/hosts");
    EXPECT_EQ(path_to("/etc/up"), "/foo.txt");
    EXPECT_EQ(path_to("/absolute/hosts"), "/etc/hosts");
    EXPECT_EQ(path_to("/absolute/up"), "/foo.txt");
}

TEST_F(ResolveTest, KeepsTheLastLinkWhereAsked) {
    EXPECT_EQ(path_to("/link", LastLink::Keep), "/link");
    EXPECT_EQ(path_to("/absolute/up", LastLink::Keep), "/etc/up");
    EXPECT_EQ(path_to("/absolute/", LastLink::Keep), "/etc");
}

TEST_F(ResolveTest, ALoopOfLinksEnds) {
    EXPECT_EQ(error_of("/loop"), Errno::Eloop);
    EXPECT_EQ(error_of("/loop", LastLink::Keep), std::nullopt);
}

TEST_F(ResolveTest, WhatIsNotThereIsNamed) {
    EXPECT_EQ(error_of("/nowhere"), Errno::Enoent);
    EXPECT_EQ(error_of("/nowhere/file"), Errno::Enoent);
    EXPECT_EQ(error_of("/dangling"), Errno::Enoent);
    EXPECT_EQ(error_of(""), Errno::Enoent);
}

TEST_F(ResolveTest, AFileIsNoDirectory) {
    EXPECT_EQ(error_of("/foo.txt/x"), Errno::Enotdir);
    EXPECT_EQ(error_of("/foo.txt/"), Errno::Enotdir);
    EXPECT_EQ(error_of("/foo.txt/."), Errno::Enotdir);
    EXPECT_EQ(error_of("/link/"), Errno::Enotdir);
}

TEST_F(ResolveTest, DirectoriesThatOneMayNotSearchEndTheWay) {
    EXPECT_EQ(error_of("/etc/private/file", LastLink::Follow, somebody), Errno::Eacces);
    EXPECT_EQ(error_of("/etc/private", LastLink::Follow, somebody), std::nullopt);
    EXPECT_EQ(error_of("/etc/private/file"), std::nullopt);
}

TEST_F(ResolveTest, ANameThatIsTooLongIsRefused) {
    EXPECT_EQ(error_of("/" + std::string(256, 'x')), Errno::Enametoolong);
}

TEST(PermitsTest, LooksAtOwnerGroupAndOthersInTurn) {
    const cpio::Metadata file{.mode = cpio::type_regular | 0640, .user = 1, .group = 2};
    EXPECT_TRUE(permits(file, {1, 9}, abi::access_mode::read | abi::access_mode::write));
    EXPECT_TRUE(permits(file, {9, 2}, abi::access_mode::read));
    EXPECT_FALSE(permits(file, {9, 2}, abi::access_mode::write));
    EXPECT_FALSE(permits(file, {9, 9}, abi::access_mode::read));
}

TEST(PermitsTest, RootExecutesOnlyWhatSomebodyMay) {
    const cpio::Metadata plain{.mode = cpio::type_regular | 0644};
    const cpio::Metadata program{.mode = cpio::type_regular | 0100};
    EXPECT_FALSE(permits(plain, {}, abi::access_mode::execute));
    EXPECT_TRUE(permits(program, {}, abi::access_mode::execute));
}

}  // namespace
}  // namespace kos::libos
