// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/memory_files.hpp"

#include "cli/fixture/tar_builder.hpp"
#include "cli/oci/layer.hpp"
#include "cli/pack/initrd.hpp"
#include "lib/native/memory_files.hpp"
#include "loader/cpio/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kos::pack {
namespace {

namespace limits = native::memory_files;
using ::testing::HasSubstr;

class MemoryFilesTest : public ::testing::Test {
   public:
    MemoryFilesTest() {
        fixture::TarBuilder tar;
        tar.file("bin/app", "app").file("run/old", "old").symlink("var/run", "/run");
        oci::LayerApplier applier{rootfs, {}};
        must(applier.apply(as_bytes(tar.finish()), "layer"), "the tar is good");
        process.executable = "/bin/app";
        process.working_directory = "/";
    }

    std::string refusal(std::vector<TmpfsMount> mounts) {
        options.container.tmpfs = std::move(mounts);
        const auto placed = place_memory_files(options, process, rootfs);
        return placed ? "" : to_string(placed.error());
    }
    std::optional<cpio::Metadata> in_initrd(std::string_view path) {
        const auto archive = must(make_initrd(rootfs), "the tree is good");
        cpio::Reader reader{archive};
        while (const auto entry = must(reader.next(), "the archive is good")) {
            if (entry->name == path) return entry->metadata;
        }
        return std::nullopt;
    }

    oci::RootFs rootfs;
    Process process;
    PackOptions options;
};

TEST_F(MemoryFilesTest, AnAppWithoutThemPaysNothing) {
    EXPECT_EQ(must(place_memory_files(options, process, rootfs), "there is nothing"), 0u);
    EXPECT_TRUE(in_initrd("run/old"));
    EXPECT_EQ(in_initrd("run")->special_major, 0u);
}

TEST_F(MemoryFilesTest, ItsPlaceIsEmptyAndMarked) {
    options.container.tmpfs = {{.path = "/var/run", .size = 64 << 10, .mode = 0700},
                               {.path = "/tmp/new"}};
    const auto pages = must(place_memory_files(options, process, rootfs), "they are good");
    EXPECT_EQ(pages, limits::heap_pages(16 + limits::default_size / page_size));
    EXPECT_EQ(in_initrd("run")->special_major, limits::mark);
    EXPECT_EQ(in_initrd("run")->special_minor, 16u);
    EXPECT_EQ(in_initrd("run")->mode, cpio::type_directory | 0700);
    EXPECT_FALSE(in_initrd("run/old"));
    EXPECT_EQ(in_initrd("tmp/new")->mode, cpio::type_directory | 01777);
}

TEST_F(MemoryFilesTest, ItBelongsToWhomItSaysOrToTheImagesOwner) {
    rootfs.make_directories("/srv/data");
    rootfs.find("/srv/data")->mode = 0750;
    rootfs.find("/srv/data")->user = 7;
    options.container.tmpfs = {{.path = "/srv/data"},
                               {.path = "/run", .mode = 0711, .user = 5, .group = 6}};
    ASSERT_TRUE(place_memory_files(options, process, rootfs));
    EXPECT_EQ(in_initrd("srv/data")->mode, cpio::type_directory | 0750);
    EXPECT_EQ(in_initrd("srv/data")->user, 7u);
    EXPECT_EQ(in_initrd("run")->mode, cpio::type_directory | 0711);
    EXPECT_EQ(in_initrd("run")->user, 5u);
    EXPECT_EQ(in_initrd("run")->group, 6u);
}

TEST_F(MemoryFilesTest, AReadOnlyOneIsAnEmptyFolder) {
    options.container.tmpfs = {{.path = "/run", .read_only = true}};
    EXPECT_EQ(must(place_memory_files(options, process, rootfs), "it is good"), 0u);
    EXPECT_EQ(in_initrd("run")->special_major, 0u);
    EXPECT_FALSE(in_initrd("run/old"));
}

TEST_F(MemoryFilesTest, WhatCannotBeIsRefusedByName) {
    EXPECT_THAT(refusal({{.path = "/"}}), HasSubstr("KOS-E-UNSUPPORTED: tmpfs /: "));
    EXPECT_THAT(refusal({{.path = "/dev"}}), HasSubstr("has files of kos there"));
    EXPECT_THAT(refusal({{.path = "/bin/app"}}), HasSubstr("cannot be made"));
    EXPECT_THAT(refusal({{.path = "/srv", .size = 0}}), HasSubstr("size of 0"));
    EXPECT_THAT(refusal({{.path = "/a", .size = 2ull << 30}}), HasSubstr("1 GiB"));
    EXPECT_THAT(refusal({{.path = "/b"}, {.path = "/b"}}), HasSubstr("one already"));
    EXPECT_THAT(refusal({{.path = "/c/d"}, {.path = "/c"}}), HasSubstr("within the other"));
}

TEST_F(MemoryFilesTest, WhatTheAppStartsWithIsNotHidden) {
    process.working_directory = "/run/work";
    rootfs.make_directories("/run/work");
    EXPECT_THAT(refusal({{.path = "/run"}}), HasSubstr("the working directory would be hidden"));
    process.working_directory = "/";
    options.files.push_back({.path = "/etc/secret", .content = "s"});
    EXPECT_THAT(refusal({{.path = "/etc"}}), HasSubstr("secret would be hidden"));
    EXPECT_THAT(refusal({{.path = "/bin"}}), HasSubstr("the program would be hidden"));
}

}  // namespace
}  // namespace kos::pack
