// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/initrd.hpp"

#include "cli/fixture/tar_builder.hpp"
#include "cli/oci/layer.hpp"
#include "loader/cpio/reader.hpp"

#include <gtest/gtest.h>

#include <map>

namespace kos::pack {
namespace {

struct Listed {
    cpio::Metadata metadata;
    std::string data;
};

std::vector<std::byte> initrd_of(const std::string& tar) {
    oci::RootFs rootfs;
    oci::LayerApplier applier{rootfs, {}};
    must(applier.apply(as_bytes(tar), "layer"), "the tar is good");
    return must(make_initrd(rootfs), "the tree is good");
}

std::map<std::string, Listed> list(Bytes archive, std::vector<std::string>* order = nullptr) {
    std::map<std::string, Listed> entries;
    cpio::Reader reader{archive};
    while (const auto entry = must(reader.next(), "the archive is good")) {
        if (order != nullptr) order->emplace_back(entry->name);
        entries[std::string{entry->name}] = {entry->metadata, std::string{as_text(entry->data)}};
    }
    return entries;
}

TEST(InitrdTest, AFoldersNameComesBeforeItsFiles) {
    const auto archive =
        initrd_of(fixture::TarBuilder{}.file("z", "").file("a/c", "").file("a/b", "").finish());
    std::vector<std::string> order;
    list(archive, &order);
    EXPECT_EQ(order, (std::vector<std::string>{".", "a", "a/b", "a/c", "z"}));
}

TEST(InitrdTest, TypesModesOwnersAndTimesAreKept) {
    fixture::TarBuilder tar;
    tar.add({.path = "tool", .content = "x", .mode = 04755, .user = 3, .group = 4, .modified = 77});
    tar.symlink("link", "tool");
    tar.add({.path = "null", .type = 'c', .mode = 0666, .major = 1, .minor = 3});
    const auto archive = initrd_of(tar.finish());
    auto entries = list(archive);
    EXPECT_EQ(entries["tool"].metadata.mode, cpio::type_regular | 04755);
    EXPECT_EQ(entries["tool"].metadata.user, 3u);
    EXPECT_EQ(entries["tool"].metadata.group, 4u);
    EXPECT_EQ(entries["tool"].metadata.modified, 77u);
    EXPECT_EQ(entries["link"].metadata.type(), cpio::type_symlink);
    EXPECT_EQ(entries["link"].data, "tool");
    EXPECT_EQ(entries["null"].metadata.type(), cpio::type_character);
    EXPECT_EQ(entries["null"].metadata.special_major, 1u);
    EXPECT_EQ(entries["null"].metadata.special_minor, 3u);
}

TEST(InitrdTest, HardLinksShareAnInode) {
    fixture::TarBuilder tar;
    tar.file("a", "same").add({.path = "b", .type = 'h', .content = "a"});
    const auto archive = initrd_of(tar.finish());
    auto entries = list(archive);
    EXPECT_EQ(entries["a"].metadata.inode, entries["b"].metadata.inode);
    EXPECT_EQ(entries["a"].metadata.link_count, 2u);
}

TEST(InitrdTest, TimesThatTheFormatCannotHoldAreClamped) {
    fixture::TarBuilder tar;
    tar.add({.path = "old", .modified = -5});
    tar.add({.path = "late", .modified = 0x1'0000'0000});
    const auto archive = initrd_of(tar.finish());
    auto entries = list(archive);
    EXPECT_EQ(entries["old"].metadata.modified, 0u);
    EXPECT_EQ(entries["late"].metadata.modified, 0xffff'ffffu);
}

}  // namespace
}  // namespace kos::pack
