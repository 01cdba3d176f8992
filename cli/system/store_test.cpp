// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/store.hpp"

#include "cli/fixture/elf_builder.hpp"
#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "cli/oci/image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <iterator>
#include <sys/stat.h>
#include <thread>
#include <vector>

namespace kos::system {
namespace {

using fixture::message_of;

class StoreTest : public testing::Test {
   protected:
    void SetUp() override {
        fixture::TarBuilder tar;
        layout_.layer(tar.file("hello", "x", 0755).finish());
        reference_ = must(oci::parse_reference(layout_.write()), "it is one");
    }
    [[nodiscard]] std::ptrdiff_t entries() const {
        const std::filesystem::directory_iterator entry{folder_.path() / "images"};
        return std::distance(begin(entry), end(entry));
    }
    fixture::TemporaryFolder folder_;
    Store store_{folder_.path() / "images"};
    fixture::LayoutBuilder layout_;
    oci::ImageReference reference_;
};

TEST_F(StoreTest, AnImageIsFoundByTheNameThatItWasGiven) {
    ASSERT_TRUE(store_.import(reference_, "apps/client"));
    for (const char* name : {"apps/client", "apps/client:latest", "apps/client/."}) {
        const auto found = store_.find(name);
        ASSERT_TRUE(found) << message_of(found);
        EXPECT_TRUE(oci::load_image(*found)) << name;
    }
    EXPECT_THAT(message_of(store_.find("apps/server")),
                testing::StartsWith("KOS-E-NOT-LOCAL: apps/server: "));
    EXPECT_FALSE(store_.find("apps/client:2"));
}

TEST_F(StoreTest, AnImageIsReplacedAndADamagedOneIsNot) {
    ASSERT_TRUE(store_.import(reference_, "one:2"));
    ASSERT_TRUE(store_.import(reference_, "one:2"));
    fixture::flip_bit(layout_.blob_path(layout_.layer_descriptor(0)), 3);
    EXPECT_THAT(message_of(store_.import(reference_, "one:2")),
                testing::StartsWith("KOS-E-BLOB-DIGEST"));
    EXPECT_TRUE(oci::load_image(*store_.find("one:2")));
}

TEST_F(StoreTest, AnImageIsThereWhileItIsReplaced) {
    ASSERT_TRUE(store_.import(reference_, "one"));
    std::atomic<bool> is_done = false;
    std::thread importer{[&] {
        for (int i = 0; i < 20; ++i) EXPECT_TRUE(store_.import(reference_, "one"));
        is_done = true;
    }};
    unsigned looks = 0, misses = 0;
    for (; !is_done; ++looks) misses += store_.find("one") ? 0 : 1;
    importer.join();
    EXPECT_GT(looks, 0u);
    EXPECT_EQ(misses, 0u) << "of " << looks;
    EXPECT_EQ(entries(), 1);
}

TEST_F(StoreTest, ImportsOfOneNameWaitForEachOther) {
    std::vector<std::thread> importers;
    for (int i = 0; i < 4; ++i) {
        importers.emplace_back([&] { EXPECT_TRUE(store_.import(reference_, "one")); });
    }
    for (std::thread& importer : importers) importer.join();
    EXPECT_TRUE(oci::load_image(*store_.find("one")));
    EXPECT_EQ(entries(), 1);
}

TEST_F(StoreTest, AnImportLeavesOtherImagesAlone) {
    ASSERT_TRUE(store_.import(reference_, "one:2.new"));
    ASSERT_TRUE(store_.import(reference_, "one:2"));
    EXPECT_TRUE(store_.find("one:2.new"));
}

TEST_F(StoreTest, AnImportThatFailsLeavesNothing) {
    ASSERT_EQ(::mkfifo((std::filesystem::path{reference_.path} / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(message_of(store_.import(reference_, "one")), testing::StartsWith("KOS-E-FILE"));
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "images"));
}

TEST_F(StoreTest, WhatIsFoundIsCalledAsItWasAskedFor) {
    ASSERT_TRUE(store_.import(reference_, "one"));
    const auto found = store_.find("one");
    ASSERT_TRUE(found);
    const auto image = oci::load_image(*found);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->name, "one");
}

TEST(StoredName, ItsSchemeDecidesOnTheKind) {
    EXPECT_EQ(stored_name("kos:apps/web:2").name, "apps/web:2");
    EXPECT_EQ(stored_name("kos:web").kind, manifest::AppKind::Native);
    EXPECT_EQ(stored_name("docker:web/.").name, "web/.");
    EXPECT_EQ(stored_name("docker:web").kind, manifest::AppKind::MicroVm);
    EXPECT_EQ(stored_name("web:kos").name, "web:kos");
    EXPECT_EQ(stored_name("web").kind, std::nullopt);
}

TEST_F(StoreTest, ANameLeadsNowhereElse) {
    for (const char* name : {"", "..", "../x", "/etc", "a b", "a/", "a:", "a\n", "%2f"}) {
        EXPECT_FALSE(store_.import(reference_, name)) << name;
        EXPECT_FALSE(store_.find(name)) << name;
    }
}

}  // namespace
}  // namespace kos::system
