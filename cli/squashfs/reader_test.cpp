// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/squashfs/reader.hpp"

#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "cli/oci/layer.hpp"
#include "cli/squashfs/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <sqfs/super.h>

namespace kos::squashfs {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::byte> image_of(fixture::TarBuilder& tar) {
    oci::RootFs rootfs;
    oci::LayerApplier applier{rootfs, {}};
    must(applier.apply(as_bytes(tar.finish()), "layer"), "the tar is good");
    return must(make_squashfs(rootfs), "it can be written");
}

TEST(SquashfsReader, FilesAndDirectoriesAreFoundByTheirPaths) {
    fixture::TarBuilder tar;
    const std::string large(300'000, 'l');
    tar.file("a/b/small", "small\n").file("a/b/large", large).file("a/b/empty", "");
    tar.add({.path = "a/link", .type = 'l', .content = "b/small"});
    Reader reader = must(Reader::create(image_of(tar)), "it was just written");
    EXPECT_EQ(**reader.content("a/b/small"), "small\n");
    EXPECT_EQ(**reader.content("a/b/large"), large);
    EXPECT_EQ(**reader.content("a/b/empty"), "");
    EXPECT_THAT(*reader.names("a/b"), ElementsAre("empty", "large", "small"));
    EXPECT_THAT(*reader.names("a"), ElementsAre("b", "link"));
}

TEST(SquashfsReader, WhatIsNoFileHasNoContent) {
    fixture::TarBuilder tar;
    tar.file("a/file", "x").add({.path = "link", .type = 'l', .content = "a/file"});
    Reader reader = must(Reader::create(image_of(tar)), "it was just written");
    for (const char* path : {"a", "link", "none", "a/file/below", "link/x"}) {
        EXPECT_EQ(*reader.content(path), std::nullopt) << path;
    }
    for (const char* path : {"a/file", "link", "none"}) {
        EXPECT_THAT(*reader.names(path), IsEmpty()) << path;
    }
}

TEST(SquashfsReader, AFileOfMoreThanTheLimitIsNotRead) {
    fixture::TarBuilder tar;
    tar.file("most", std::string(largest_file, '\0'))
        .file("more", std::string(largest_file + 1, '\0'));
    Reader reader = must(Reader::create(image_of(tar)), "it was just written");
    EXPECT_EQ((**reader.content("most")).size(), largest_file);
    EXPECT_THAT(fixture::message_of(reader.content("more")),
                AllOf(HasSubstr("KOS-E-SYSTEM-IMAGE: more"), HasSubstr("larger than 64 MiB")));
}

TEST(SquashfsReader, AReaderReadsNoMoreThanTheLimitOfAllFiles) {
    fixture::TarBuilder tar;
    tar.file("file", std::string(largest_file, '\0')).file("byte", "x");
    Reader reader = must(Reader::create(image_of(tar)), "it was just written");
    for (std::uint64_t read = 0; read < most_content; read += largest_file) {
        ASSERT_TRUE(reader.content("file")) << read;
    }
    EXPECT_THAT(fixture::message_of(reader.content("byte")),
                AllOf(HasSubstr("KOS-E-SYSTEM-IMAGE: byte"), HasSubstr("larger than 256 MiB")));
}

TEST(SquashfsReader, ADirectoryOfMoreNamesThanTheLimitIsNotRead) {
    fixture::TarBuilder tar;
    for (std::size_t number = 0; number < most_names; ++number) {
        tar.file("most/" + std::to_string(number), "").file("more/" + std::to_string(number), "");
    }
    tar.file("more/another", "");
    Reader reader = must(Reader::create(image_of(tar)), "it was just written");
    EXPECT_EQ(reader.names("most")->size(), most_names);
    EXPECT_THAT(fixture::message_of(reader.names("more")),
                AllOf(HasSubstr("KOS-E-SYSTEM-IMAGE: more"), HasSubstr("more than 16,384 names")));
}

TEST(SquashfsReader, MoreFragmentsThanAnImageHasBytesAreRefused) {
    fixture::TarBuilder tar;
    std::vector<std::byte> image = image_of(tar.file("file", "x"));
    const auto claim = [&](std::size_t fragments) {
        const auto count = static_cast<std::uint32_t>(fragments);
        std::memcpy(image.data() + offsetof(sqfs_super_t, fragment_entry_count), &count,
                    sizeof(count));
    };
    const auto refusal = AllOf(HasSubstr("KOS-E-SYSTEM-IMAGE: super block"),
                               HasSubstr("more fragments than the image has bytes"));
    for (const std::size_t fragments : {image.size() + 1, std::size_t{0xffff'ffff}}) {
        claim(fragments);
        EXPECT_THAT(fixture::message_of(Reader::create(image)), refusal) << fragments;
    }
    claim(image.size());  // libsquashfs finds that the table has not so many
    EXPECT_THAT(fixture::message_of(Reader::create(image)),
                AllOf(HasSubstr("KOS-E-SYSTEM-IMAGE: fragments"), Not(refusal)));
}

/// The content of a/file, or why it cannot be read.
Outcome<std::optional<std::string>> file_of(Bytes image) {
    Reader reader = KOS_TRY(Reader::create(image));
    KOS_TRY(reader.names("a"));
    return reader.content("a/file");
}

TEST(SquashfsReader, WhatIsCutOffIsRefused) {
    fixture::TarBuilder tar;
    const std::string whole(5000, 'x');
    const std::vector<std::byte> image = image_of(tar.file("a/file", whole));
    EXPECT_EQ(*file_of(image), whole);
    for (std::size_t size = 0; size < image.size(); ++size) {
        const auto content = file_of(Bytes{image}.first(size));
        if (content) {
            EXPECT_EQ(*content, whole) << "cut in the padding: " << size;
        } else {
            EXPECT_THAT(fixture::message_of(content), HasSubstr("KOS-E-SYSTEM-IMAGE")) << size;
        }
    }
}

/// squashfs has no checksums: a flipped bit may go unnoticed, for Linux as well. Held is that it
/// does no more than change what is read: nothing crashes, all errors tell of the image.
TEST(SquashfsReader, AFlippedBitIsRefusedOrOnlyChangesWhatIsRead) {
    fixture::TarBuilder tar;
    std::vector<std::byte> image = image_of(tar.file("a/file", std::string(5000, 'x')));
    while (image.back() == std::byte{}) image.pop_back();  // padding
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < image.size() * 8; ++bit) {
        const std::byte mask = std::byte{1} << bit % 8;
        image.at(bit / 8) ^= mask;
        const auto content = file_of(image);
        image.at(bit / 8) ^= mask;
        if (content) continue;
        ++refused;
        EXPECT_THAT(fixture::message_of(content), HasSubstr("KOS-E-SYSTEM-IMAGE")) << bit;
    }
    EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace kos::squashfs
