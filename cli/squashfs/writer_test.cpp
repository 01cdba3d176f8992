// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the writer writes is read back by another program: sqfs2tar, whose tar is applied to an
// empty tree and compared with the tree that went in.

#include "cli/squashfs/writer.hpp"

#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "cli/fixture/temporary_folder.hpp"
#include "cli/oci/layer.hpp"
#include "cli/squashfs/memory_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <sqfs/error.h>

namespace kos::squashfs {
namespace {

void apply_layer(oci::RootFs& rootfs, const std::string& tar) {
    oci::LayerApplier applier{rootfs, {}};
    must(applier.apply(as_bytes(tar), "layer"), "the tar is good");
}

oci::RootFs tree_of(fixture::TarBuilder& tar) {
    oci::RootFs rootfs;
    apply_layer(rootfs, tar.finish());
    return rootfs;
}

oci::RootFs read_back(const std::vector<std::byte>& image) {
    const fixture::TemporaryFolder folder;
    const auto squashfs = folder.path() / "image.squashfs";
    const auto tar = folder.path() / "image.tar";
    fixture::write_file(squashfs, std::string{as_text(image)});
    const std::string command =
        "sqfs2tar --root-becomes . '" + squashfs.string() + "' > '" + tar.string() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    oci::RootFs rootfs;
    apply_layer(rootfs, fixture::read_file(tar));
    return rootfs;
}

/// A line for each name: everything that a container can see of it.
void describe(const oci::Node& node, const std::string& path, std::string& lines,
              std::map<const oci::Node*, std::string>& seen) {
    if (const auto earlier = seen.find(&node); earlier != seen.end()) {
        lines += path + " = " + earlier->second + "\n";
        return;
    }
    seen.emplace(&node, path);
    lines += path + " type " + std::to_string(static_cast<int>(node.type)) + " mode " +
             std::to_string(node.mode) + " owner " + std::to_string(node.user) + ":" +
             std::to_string(node.group) + " time " + std::to_string(node.modified) + " device " +
             std::to_string(node.device_major) + ":" + std::to_string(node.device_minor) +
             " content " + std::to_string(std::hash<std::string>{}(node.content));
    for (const auto& [key, value] : node.xattrs) lines += " " + key + "=" + value;
    lines += "\n";
    for (const auto& [name, entry] : node.children) {
        describe(*entry.node, path + "/" + name, lines, seen);
    }
}

std::string description_of(const oci::RootFs& rootfs) {
    std::string lines;
    std::map<const oci::Node*, std::string> seen;
    describe(rootfs.root(), ".", lines, seen);
    return lines;
}

std::string random_bytes(std::size_t size) {
    std::mt19937 generator{17};
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(generator());
    return bytes;
}

void expect_same_after_reading_back(const oci::RootFs& rootfs) {
    const auto image = make_squashfs(rootfs);
    ASSERT_TRUE(image) << to_string(image.error());
    EXPECT_EQ(image->size() % 4096, 0u);
    EXPECT_EQ(description_of(read_back(*image)), description_of(rootfs));
}

TEST(SquashfsTest, AnEmptyTreeIsAnImage) { expect_same_after_reading_back(oci::RootFs{}); }

TEST(SquashfsTest, ContentsOfEverySizeAroundABlockAreKept) {
    constexpr std::size_t block = 128u << 10;
    fixture::TarBuilder tar;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, block - 1, block, block + 1, 3 * block, 5 * block + 17}) {
        tar.file("random-" + std::to_string(size), random_bytes(size));
        tar.file("zeros-" + std::to_string(size), std::string(size, '\0'));
    }
    expect_same_after_reading_back(tree_of(tar));
}

TEST(SquashfsTest, TypesModesOwnersAndTimesAreKept) {
    fixture::TarBuilder tar;
    tar.add({.path = "tool", .content = "x", .mode = 04755, .user = 3, .group = 40'000});
    tar.symlink("link", "tool").symlink("dangling", "/no/such/file");
    tar.add({.path = "null", .type = 'c', .mode = 0666, .major = 1, .minor = 3});
    tar.add({.path = "disk", .type = 'b', .mode = 0660, .major = 254, .minor = 0x12345});
    tar.add({.path = "pipe", .type = 'p', .mode = 0600});
    tar.add({.path = "sticky", .type = 'd', .mode = 01777, .user = 100'000, .modified = 77});
    tar.add({.path = "./", .type = 'd', .mode = 0750, .user = 5, .group = 6, .modified = 78});
    expect_same_after_reading_back(tree_of(tar));
}

TEST(SquashfsTest, HardLinksStayLinks) {
    fixture::TarBuilder tar;
    tar.file("a/one", "content").add({.path = "two", .type = 'h', .content = "a/one"});
    const oci::RootFs rootfs = tree_of(tar);
    ASSERT_NE(description_of(rootfs).find("./two = ./a/one"), std::string::npos);
    expect_same_after_reading_back(rootfs);
}

TEST(SquashfsTest, ExtendedAttributesAreKeptOnEveryType) {
    const std::map<std::string, std::string> capability{{"security.capability", "\1\0\0\2abc"},
                                                        {"user.note", "kos"}};
    fixture::TarBuilder tar;
    tar.add({.path = "file", .content = "x", .xattrs = capability});
    tar.add({.path = "other", .content = "y", .xattrs = capability});
    tar.add({.path = "folder", .type = 'd', .mode = 0755, .xattrs = {{"user.a", "b"}}});
    tar.add({.path = "link",
             .type = 'l',
             .content = "file",
             .mode = 0777,
             .xattrs = {{"security.x", "y"}}});
    expect_same_after_reading_back(tree_of(tar));
}

TEST(SquashfsTest, DirectoriesOfThousandsOfNamesAreKept) {
    fixture::TarBuilder tar;
    for (int i = 0; i < 3000; ++i) tar.file("many/file-" + std::to_string(i), std::to_string(i));
    expect_same_after_reading_back(tree_of(tar));
}

TEST(SquashfsTest, TheBytesDoNotDependOnTheNumberOfThreads) {
    fixture::TarBuilder tar;
    for (int i = 0; i < 40; ++i) {
        tar.file("f" + std::to_string(i), random_bytes(100'000 + 1000 * static_cast<unsigned>(i)));
    }
    const oci::RootFs rootfs = tree_of(tar);
    const auto one = make_squashfs(rootfs, {.threads = 1});
    const auto four = make_squashfs(rootfs, {.threads = 4});
    ASSERT_TRUE(one && four);
    EXPECT_EQ(*one, *four);
}

TEST(SquashfsTest, EqualContentsAreStoredOnce) {
    const std::string content = random_bytes(1u << 20);
    fixture::TarBuilder one;
    one.file("a", content);
    fixture::TarBuilder two;
    two.file("a", content).file("b", content);
    const auto alone = make_squashfs(tree_of(one));
    const auto twice = make_squashfs(tree_of(two));
    ASSERT_TRUE(alone && twice);
    EXPECT_LT(twice->size(), alone->size() + 8192);
}

TEST(SquashfsTest, WhatTheFormatOrLinuxHasNoPlaceForIsRefused) {
    fixture::TarBuilder device;
    device.add({.path = "big", .type = 'c', .mode = 0666, .major = 4096, .minor = 0});
    EXPECT_EQ(fixture::message_of(make_squashfs(tree_of(device))),
              "KOS-E-SQUASHFS: device 4096:0: the squashfs image cannot be made: its numbers are "
              "too large");
    oci::RootFs rootfs;
    const std::string name(256, 'n');
    rootfs.root().children[name].node = std::make_shared<oci::Node>();
    EXPECT_EQ(fixture::message_of(make_squashfs(rootfs)),
              "KOS-E-SQUASHFS: " + name +
                  ": the squashfs image cannot be made: the name is longer than 255 bytes");
}

TEST(MemoryFileTest, MemoryThatThereIsNotIsAnErrorOfLibsquashfs) {
    MemoryFile file;
    const std::byte byte{1};
    sqfs_file_t* const handle = file.handle();
    EXPECT_EQ(handle->write_at(handle, 1ULL << 63, &byte, 1), SQFS_ERROR_ALLOC);
    EXPECT_EQ(handle->write_at(handle, ~0ULL, &byte, 1), SQFS_ERROR_OVERFLOW);
    EXPECT_EQ(handle->truncate(handle, ~0ULL), SQFS_ERROR_ALLOC);
    EXPECT_EQ(file.size(), 0u);
}

TEST(SquashfsTest, AnAttributeThatTheFormatHasNoPlaceForIsRefusedByName) {
    oci::RootFs rootfs;
    rootfs.root().xattrs["system.posix_acl_access"] = "x";
    EXPECT_EQ(fixture::message_of(make_squashfs(rootfs)),
              "KOS-E-SQUASHFS: extended attribute system.posix_acl_access: the squashfs image "
              "cannot be made: not supported by libsquashfs");
}

}  // namespace
}  // namespace kos::squashfs
