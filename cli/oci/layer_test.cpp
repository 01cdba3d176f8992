// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/layer.hpp"

#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"

#include <gtest/gtest.h>

namespace kos::oci {
namespace {

using fixture::message_of;
using fixture::TarBuilder;

class LayerTest : public testing::Test {
   protected:
    Outcome<void> apply(TarBuilder& tar) {
        const std::string bytes = tar.finish();
        return applier_.apply(as_bytes(bytes), "layer");
    }
    Outcome<void> apply(TarBuilder&& tar) { return apply(tar); }
    [[nodiscard]] std::string content(std::string_view path) const {
        const std::string* text = rootfs_.read(path);
        return text != nullptr ? *text : "(missing)";
    }
    [[nodiscard]] const Node* node(std::string_view path) const {
        const auto found = rootfs_.resolve(path);
        return found ? found->node : nullptr;
    }

    RootFs rootfs_;
    LayerApplier applier_{rootfs_, LayerLimits{}};
};

TEST_F(LayerTest, MetadataIsKept) {
    TarBuilder tar;
    tar.add(
        {.path = "file",
         .content = "x",
         .mode = 04751,
         .user = 1000,
         .group = 100,
         .modified = 1'234'567'890,
         .xattrs = {{"user.note", "value"}, {"security.capability", std::string("\1\0\2", 3)}}});
    tar.add({.path = "null", .type = 'c', .mode = 0666, .major = 1, .minor = 3});
    tar.add({.path = "pipe", .type = 'p'});
    ASSERT_TRUE(apply(tar));
    const Node* file = node("/file");
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(file->mode, 04751u);
    EXPECT_EQ(file->user, 1000u);
    EXPECT_EQ(file->group, 100u);
    EXPECT_EQ(file->modified, 1'234'567'890);
    EXPECT_EQ(file->xattrs.at("user.note"), "value");
    EXPECT_EQ(file->xattrs.at("security.capability"), std::string("\1\0\2", 3));
    ASSERT_NE(node("/null"), nullptr);
    EXPECT_EQ(node("/null")->type, NodeType::CharDevice);
    EXPECT_EQ(node("/null")->device_minor, 3u);
    EXPECT_EQ(node("/pipe")->type, NodeType::Fifo);
}

TEST_F(LayerTest, NamesNeedNotBeAscii) {
    ASSERT_TRUE(apply(TarBuilder{}.file("données/日本", "x")));
    EXPECT_EQ(content("/données/日本"), "x");
}

TEST_F(LayerTest, AWhiteoutHidesALowerLayersFile) {
    ASSERT_TRUE(apply(TarBuilder{}.file("a/gone", "1").file("a/kept", "2")));
    ASSERT_TRUE(apply(TarBuilder{}.file("a/.wh.gone", "")));
    EXPECT_EQ(content("/a/gone"), "(missing)");
    EXPECT_EQ(content("/a/kept"), "2");
    EXPECT_EQ(node("/a/.wh.gone"), nullptr);
}

TEST_F(LayerTest, AWhiteoutSparesItsOwnLayerInEitherOrder) {
    ASSERT_TRUE(apply(TarBuilder{}.file("a", "old").file("b", "old")));
    ASSERT_TRUE(
        apply(TarBuilder{}.file("a", "new").file(".wh.a", "").file(".wh.b", "").file("b", "new")));
    EXPECT_EQ(content("/a"), "new");
    EXPECT_EQ(content("/b"), "new");
}

TEST_F(LayerTest, AWhiteoutOfADirectoryTakesAllOfIt) {
    ASSERT_TRUE(apply(TarBuilder{}.directory("d").file("d/e/f", "1")));
    ASSERT_TRUE(apply(TarBuilder{}.file(".wh.d", "")));
    EXPECT_EQ(node("/d"), nullptr);
}

TEST_F(LayerTest, AnOpaqueDirectoryHidesWhatIsBelowOnly) {
    ASSERT_TRUE(apply(TarBuilder{}.directory("d").file("d/old", "1").file("d/sub/old", "1")));
    ASSERT_TRUE(apply(TarBuilder{}
                          .directory("d")
                          .file("d/new", "2")
                          .file("d/.wh..wh..opq", "")
                          .file("d/newer", "3")));
    EXPECT_EQ(node("/d")->children.size(), 2u);
    EXPECT_EQ(content("/d/new"), "2");
    EXPECT_EQ(content("/d/newer"), "3");
}

TEST_F(LayerTest, AufsNotesAreNoWhiteouts) {
    ASSERT_TRUE(apply(TarBuilder{}.file("plnk", "x").directory(".wh..wh.plnk")));
    EXPECT_EQ(content("/plnk"), "x");
}

TEST_F(LayerTest, HardLinksShareTheirFile) {
    ASSERT_TRUE(
        apply(TarBuilder{}.file("a", "same").add({.path = "b", .type = 'h', .content = "a"})));
    EXPECT_EQ(node("/a"), node("/b"));
}

TEST_F(LayerTest, ReplacingOneNameOfAHardLinkLeavesTheOther) {
    ASSERT_TRUE(
        apply(TarBuilder{}.file("a", "same").add({.path = "b", .type = 'h', .content = "a"})));
    ASSERT_TRUE(apply(TarBuilder{}.file("a", "other")));
    EXPECT_EQ(content("/a"), "other");
    EXPECT_EQ(content("/b"), "same");
}

TEST_F(LayerTest, AHardLinkToNothingIsRefused) {
    EXPECT_EQ(message_of(apply(TarBuilder{}.add({.path = "b", .type = 'h', .content = "a"}))),
              "KOS-E-LAYER: layer: \"b\": a layer cannot be unpacked: a hard link to \"a\", which "
              "is no file of the image");
}

TEST_F(LayerTest, AFileTakesTheDirectorysPlaceAndViceVersa) {
    ASSERT_TRUE(apply(TarBuilder{}.file("x/inner", "1").file("y", "1")));
    ASSERT_TRUE(apply(TarBuilder{}.file("x", "2").directory("y").file("y/inner", "2")));
    EXPECT_EQ(content("/x"), "2");
    EXPECT_EQ(content("/y/inner"), "2");
}

TEST_F(LayerTest, PathsThatLeaveTheRootAreRefused) {
    EXPECT_EQ(message_of(apply(TarBuilder{}.file("../evil", "x"))),
              "KOS-E-LAYER-PATH: layer: \"../evil\": a layer writes outside the root filesystem: "
              "a path with \"..\"");
    EXPECT_EQ(message_of(apply(TarBuilder{}.file("a/../../evil", "x"))),
              "KOS-E-LAYER-PATH: layer: \"a/../../evil\": a layer writes outside the root "
              "filesystem: a path with \"..\"");
    EXPECT_EQ(message_of(apply(TarBuilder{}.file("/evil", "x"))),
              "KOS-E-LAYER-PATH: layer: \"/evil\": a layer writes outside the root filesystem: an "
              "absolute path");
    EXPECT_EQ(message_of(apply(TarBuilder{}.file("ok", "x").add(
                  {.path = "evil", .type = 'h', .content = "../../etc/passwd"}))),
              "KOS-E-LAYER-PATH: layer: \"evil\": \"../../etc/passwd\": a layer writes outside "
              "the root filesystem: a path with \"..\"");
}

TEST_F(LayerTest, PathsThroughSymbolicLinksGoWhereTheyLeadWithinTheRoot) {
    ASSERT_TRUE(apply(TarBuilder{}
                          .directory("usr/lib")
                          .symlink("lib", "usr/lib")
                          .symlink("up", "../../../../etc")));
    ASSERT_TRUE(apply(TarBuilder{}.file("lib/a/b", "below").file("up/passwd", "inside")));
    EXPECT_EQ(content("/usr/lib/a/b"), "below");
    EXPECT_EQ(content("/etc/passwd"), "inside");
    EXPECT_EQ(node("/lib/a"), node("/usr/lib/a"));
    ASSERT_TRUE(apply(TarBuilder{}
                          .add({.path = "lib/c", .type = 'h', .content = "lib/a/b"})
                          .file("lib/.wh.a", "")));
    EXPECT_EQ(content("/usr/lib/c"), "below");
    EXPECT_EQ(node("/usr/lib/a"), nullptr);
}

TEST_F(LayerTest, TheLastNameOfAPathIsNotFollowed) {
    ASSERT_TRUE(apply(TarBuilder{}.file("etc/passwd", "old").symlink("link", "etc/passwd")));
    ASSERT_TRUE(apply(TarBuilder{}.file("link", "new")));
    EXPECT_EQ(content("/etc/passwd"), "old");
    EXPECT_EQ(content("/link"), "new");
}

TEST_F(LayerTest, PathsThroughAFileOrALoopOfLinksAreRefused) {
    constexpr auto refused = [](const std::string& name) {
        return "KOS-E-LAYER-PATH: layer: \"" + name +
               "/x\": a layer writes outside the root filesystem: \"" + name +
               "\" is not a directory, or a loop of symbolic links";
    };
    EXPECT_EQ(message_of(apply(TarBuilder{}.symlink("loop", "loop").file("loop/x", ""))),
              refused("loop"));
    EXPECT_EQ(message_of(apply(TarBuilder{}.file("file", "").file("file/x", ""))), refused("file"));
}

TEST_F(LayerTest, ASymbolicLinkMayPointAnywhereAndIsResolvedWithinTheRoot) {
    ASSERT_TRUE(apply(TarBuilder{}
                          .file("etc/passwd", "inside")
                          .symlink("a", "../../../etc/passwd")
                          .symlink("loop", "loop")));
    EXPECT_EQ(content("/a"), "inside");
    EXPECT_EQ(content("/loop"), "(missing)");
}

TEST_F(LayerTest, MissingDirectoriesAreMadeWhereThePathLeads) {
    ASSERT_TRUE(apply(TarBuilder{}.directory("real").symlink("link", "real").file("file", "x")));
    rootfs_.make_directories("/link/a/b");
    ASSERT_NE(node("/real/a/b"), nullptr);
    EXPECT_EQ(node("/real/a/b")->type, NodeType::Directory);
    rootfs_.make_directories("/file/a");
    EXPECT_EQ(content("/file"), "x");
    rootfs_.make_directories("../../up");
    EXPECT_NE(node("/up"), nullptr);
}

TEST_F(LayerTest, ATarThatIsNoneIsRefused) {
    const Outcome<void> outcome = applier_.apply(as_bytes("this is no tar archive"), "layer");
    EXPECT_EQ(message_of(outcome),
              "KOS-E-LAYER: layer: a layer cannot be unpacked: Unrecognized archive format");
}

TEST(LayerLimitsTest, EntriesAndBytesAreBounded) {
    RootFs rootfs;
    LayerApplier few{rootfs, LayerLimits{.entries = 2}};
    const std::string three = TarBuilder{}.file("a", "").file("b", "").file("c", "").finish();
    EXPECT_EQ(message_of(few.apply(as_bytes(three), "layer")),
              "KOS-E-LAYER: layer: a layer cannot be unpacked: the image has more than 2 entries");
    LayerApplier small{rootfs, LayerLimits{.content_bytes = 10}};
    const std::string large = TarBuilder{}.file("a", "12345").file("b", "1234567").finish();
    EXPECT_EQ(message_of(small.apply(as_bytes(large), "layer")),
              "KOS-E-LAYER: layer: \"b\": a layer cannot be unpacked: the image's files have more "
              "than 10 bytes");
}

}  // namespace
}  // namespace kos::oci
