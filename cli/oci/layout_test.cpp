// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Layouts that are damaged, incomplete or unusual: each with the exact message a person gets.

#include "cli/oci/layout.hpp"

#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/message.hpp"
#include "cli/fixture/tar_builder.hpp"
#include "cli/oci/image.hpp"

#include <gtest/gtest.h>

namespace kos::oci {
namespace {

using fixture::LayoutBuilder;
using fixture::message_of;
using fixture::TarBuilder;
using nlohmann::ordered_json;

std::string small_layer() {
    return TarBuilder{}.file("hello", "ELF", 0755).file("foo.txt", "foo\n").finish();
}

Outcome<Image> load(const std::string& reference) {
    return load_image(KOS_TRY(parse_reference(reference)));
}

/// "blobs/sha256/HEX (WHAT)"
std::string blob_name(const ordered_json& descriptor, const std::string& what = {}) {
    const auto digest = Digest::parse(descriptor.at("digest").get<std::string>());
    return digest->path() + (what.empty() ? "" : " (" + what + ")");
}

std::string with_flipped_bit(const std::filesystem::path& path) {
    fixture::flip_bit(path, fixture::read_file(path).size() / 2);
    return fixture::sha256_of(fixture::read_file(path));
}

class LayoutTest : public testing::Test {
   protected:
    LayoutTest() { layout_.layer(small_layer()); }
    LayoutBuilder layout_;
};

TEST_F(LayoutTest, AGoodImageIsReadWhole) {
    layout_.config["config"]["Cmd"] = {"hello_world", "test"};
    const auto image = load(layout_.write());
    ASSERT_TRUE(image) << to_string(image.error());
    EXPECT_EQ(image->config.entrypoint, std::vector<std::string>{"/hello"});
    EXPECT_EQ(image->config.command, (std::vector<std::string>{"hello_world", "test"}));
    ASSERT_NE(image->rootfs.read("/foo.txt"), nullptr);
    EXPECT_EQ(*image->rootfs.read("/foo.txt"), "foo\n");
}

TEST_F(LayoutTest, ATarOfALayoutIsReadAsTheFolderIs) {
    layout_.write();
    TarBuilder tar;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{layout_.path()}) {
        const std::string name = "./" + std::filesystem::relative(entry, layout_.path()).string();
        if (entry.is_directory()) tar.directory(name);
        if (entry.is_regular_file()) tar.file(name, fixture::read_file(entry));
    }
    const fixture::TemporaryFolder folder;
    fixture::write_file(folder.path() / "hello.tar", tar.finish());
    const auto image = load("oci:" + (folder.path() / "hello.tar").string() + ":latest");
    ASSERT_TRUE(image) << to_string(image.error());
    EXPECT_EQ(*image->rootfs.read("/foo.txt"), "foo\n");
}

TEST_F(LayoutTest, AFlippedBitInTheManifestIsRefused) {
    const std::string reference = layout_.write();
    const auto& blob = layout_.manifest_descriptor();
    const std::string actual = with_flipped_bit(layout_.blob_path(blob));
    EXPECT_EQ(message_of(load(reference)),
              "KOS-E-BLOB-DIGEST: " + blob_name(blob, "manifest") +
                  ": a blob does not have the digest it is named by: its content is " + actual);
}

TEST_F(LayoutTest, AFlippedBitInTheConfigIsRefused) {
    const std::string reference = layout_.write();
    const auto& blob = layout_.config_descriptor();
    const std::string actual = with_flipped_bit(layout_.blob_path(blob));
    EXPECT_EQ(message_of(load(reference)),
              "KOS-E-BLOB-DIGEST: " + blob_name(blob, "config") +
                  ": a blob does not have the digest it is named by: its content is " + actual);
}

TEST_F(LayoutTest, AFlippedBitInALayerIsRefused) {
    const std::string reference = layout_.write();
    const auto& blob = layout_.layer_descriptor(0);
    const std::string actual = with_flipped_bit(layout_.blob_path(blob));
    EXPECT_EQ(message_of(load(reference)),
              "KOS-E-BLOB-DIGEST: " + blob_name(blob, "layer 0") +
                  ": a blob does not have the digest it is named by: its content is " + actual);
}

TEST_F(LayoutTest, AFlippedBitInANestedIndexIsRefused) {
    const ordered_json image = layout_.add_image();
    const ordered_json nested =
        layout_.add_blob(ordered_json{{"schemaVersion", 2}, {"manifests", {image}}}.dump(),
                         "application/vnd.oci.image.index.v1+json");
    layout_.write_index({nested});
    const std::string actual = with_flipped_bit(layout_.blob_path(nested));
    EXPECT_EQ(message_of(load("oci:" + layout_.path().string())),
              "KOS-E-BLOB-DIGEST: " + blob_name(nested, "index") +
                  ": a blob does not have the digest it is named by: its content is " + actual);
}

TEST_F(LayoutTest, AFlippedBitInTheTopIndexIsRefused) {
    // Nothing states its digest: the flip makes it name a blob that is not there.
    const std::string reference = layout_.write();
    std::string index = fixture::read_file(layout_.path() / "index.json");
    const std::size_t digit = index.find("sha256:") + 7;
    index[digit] = index[digit] == '0' ? '1' : '0';
    fixture::write_file(layout_.path() / "index.json", index);
    EXPECT_EQ(message_of(load(reference)), "KOS-E-BLOB-MISSING: blobs/sha256/" +
                                               index.substr(digit, 64) +
                                               " (manifest): a blob that the image refers to is "
                                               "missing");
}

TEST_F(LayoutTest, AMissingBlobIsNamed) {
    const std::string reference = layout_.write();
    const auto& blob = layout_.layer_descriptor(0);
    std::filesystem::remove(layout_.blob_path(blob));
    EXPECT_EQ(message_of(load(reference)), "KOS-E-BLOB-MISSING: " + blob_name(blob, "layer 0") +
                                               ": a blob that the image refers to is missing");
}

TEST_F(LayoutTest, ABlobOfAnotherSizeIsRefused) {
    const std::string reference = layout_.write();
    const auto& blob = layout_.config_descriptor();
    const std::size_t size = blob.at("size");
    fixture::write_file(layout_.blob_path(blob), fixture::read_file(layout_.blob_path(blob)) + " ");
    EXPECT_EQ(message_of(load(reference)),
              "KOS-E-BLOB-SIZE: " + blob_name(blob, "config") +
                  ": a blob does not have the size its descriptor states: it has " +
                  std::to_string(size + 1) + " bytes, expected " + std::to_string(size));
}

TEST_F(LayoutTest, ALayerWithAnotherDiffIdIsRefused) {
    const std::string stated = fixture::sha256_of("something else");
    layout_.config["rootfs"]["diff_ids"][0] = stated;
    const std::string reference = layout_.write();
    EXPECT_EQ(message_of(load(reference)),
              "KOS-E-DIFF-ID: " + blob_name(layout_.layer_descriptor(0), "layer 0") +
                  ": an unpacked layer does not have its diff_id: it unpacks to " +
                  fixture::sha256_of(small_layer()) + ", expected " + stated);
}

TEST_F(LayoutTest, ADiffIdForEachLayerIsAskedFor) {
    layout_.config["rootfs"]["diff_ids"].push_back(fixture::sha256_of(""));
    const std::string reference = layout_.write();
    EXPECT_EQ(message_of(load(reference)),
              "KOS-E-DIFF-ID: " + blob_name(layout_.config_descriptor()) +
                  ": an unpacked layer does not have its diff_id: 2 diff_ids for 1 layers");
}

TEST(LayoutLayersTest, ATruncatedGzipIsRefused) {
    LayoutBuilder layout;
    const std::string whole = fixture::gzip(small_layer());
    layout.raw_layer(whole.substr(0, whole.size() - 12), fixture::sha256_of(small_layer()),
                     "application/vnd.oci.image.layer.v1.tar+gzip");
    const std::string reference = layout.write();
    EXPECT_EQ(message_of(load(reference)),
              "KOS-E-LAYER: " + blob_name(layout.layer_descriptor(0), "layer 0") +
                  ": a layer cannot be unpacked: truncated gzip input");
}

TEST(LayoutLayersTest, EveryCompressionAndMediaTypeIsRead) {
    for (const char* type :
         {"application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip",
          "application/vnd.oci.image.layer.v1.tar+zstd",
          "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
          "application/vnd.docker.image.rootfs.diff.tar.gzip"}) {
        LayoutBuilder layout;
        layout.layer(small_layer(), type);
        const auto image = load(layout.write());
        ASSERT_TRUE(image) << type << ": " << to_string(image.error());
        EXPECT_EQ(*image->rootfs.read("/foo.txt"), "foo\n") << type;
    }
}

TEST(LayoutLayersTest, AnUnknownCompressionIsRefusedByName) {
    LayoutBuilder layout;
    layout.raw_layer("x", fixture::sha256_of("x"), "application/vnd.oci.image.layer.v1.tar+xz");
    const std::string reference = layout.write();
    EXPECT_EQ(message_of(load(reference)),
              "KOS-E-UNSUPPORTED: " + blob_name(layout.layer_descriptor(0)) +
                  ": this is not supported: a layer of media type "
                  "application/vnd.oci.image.layer.v1.tar+xz");
}

TEST(LayoutLayersTest, ALayerThatUnpacksToTooMuchIsRefused) {
    LayoutBuilder layout;
    layout.layer(TarBuilder{}.file("zeros", std::string(1 << 20, '\0')).finish());
    const auto reference = must(parse_reference(layout.write()), "it is one");
    LayerLimits limits;
    limits.unpacked_bytes = 1 << 16;
    EXPECT_EQ(message_of(load_image(reference, limits)),
              "KOS-E-LAYER: " + blob_name(layout.layer_descriptor(0), "layer 0") +
                  ": a layer cannot be unpacked: it unpacks to more than 65536 bytes");
}

TEST_F(LayoutTest, AnUnknownTagIsAnsweredWithTheKnownOnes) {
    layout_.write();
    EXPECT_EQ(message_of(load("oci:" + layout_.path().string() + ":v2")),
              "KOS-E-IMAGE-NOT-FOUND: " + layout_.path().string() +
                  ":v2: the layout has no image of that name: it has these tags: latest");
}

TEST_F(LayoutTest, WithoutATagTheOnlyImageIsMeant) {
    layout_.write();
    EXPECT_TRUE(load("oci:" + layout_.path().string()));
}

TEST_F(LayoutTest, WithoutATagSeveralImagesAreAmbiguous) {
    ordered_json first = layout_.add_image();
    first["annotations"] = {{"org.opencontainers.image.ref.name", "one"}};
    layout_.config["config"]["Cmd"] = {"other"};
    ordered_json second = layout_.add_image();
    second["annotations"] = {{"org.opencontainers.image.ref.name", "two"}};
    layout_.write_index({first, second});
    EXPECT_EQ(message_of(load("oci:" + layout_.path().string())),
              "KOS-E-IMAGE-NOT-FOUND: " + layout_.path().string() +
                  ": the layout has no image of that name: it holds several images; name one of "
                  "these tags: one, two");
    EXPECT_EQ(load("oci:" + layout_.path().string() + ":two")->config.command.front(), "other");
}

TEST_F(LayoutTest, TheArm64ImageOfAnIndexIsChosen) {
    ordered_json arm = layout_.add_image();
    arm["platform"] = {{"os", "linux"}, {"architecture", "arm64"}, {"variant", "v8"}};
    layout_.config["architecture"] = "amd64";
    ordered_json intel = layout_.add_image();
    intel["platform"] = {{"os", "linux"}, {"architecture", "amd64"}};
    const ordered_json nested =
        layout_.add_blob(ordered_json{{"schemaVersion", 2}, {"manifests", {intel, arm}}}.dump(),
                         "application/vnd.docker.distribution.manifest.list.v2+json");
    layout_.write_index({nested});
    const auto image = load("oci:" + layout_.path().string());
    ASSERT_TRUE(image) << to_string(image.error());
    EXPECT_EQ(image->digest.text(), arm.at("digest"));
}

TEST_F(LayoutTest, AnImageForAnotherArchitectureIsRefused) {
    layout_.config["architecture"] = "amd64";
    const std::string reference = layout_.write();
    EXPECT_EQ(message_of(load(reference)),
              "KOS-E-PLATFORM: " + blob_name(layout_.config_descriptor()) +
                  ": the image is not for linux/arm64: it is for linux/amd64; expected "
                  "linux/arm64");
}

TEST_F(LayoutTest, AnIndexWithoutOurPlatformSaysWhatItHas) {
    ordered_json image = layout_.add_image();
    image["platform"] = {{"os", "linux"}, {"architecture", "arm"}, {"variant", "v7"}};
    layout_.write_index({image});
    EXPECT_EQ(message_of(load("oci:" + layout_.path().string())),
              "KOS-E-PLATFORM: " + layout_.path().string() +
                  ": the image is not for linux/arm64: it has linux/arm/v7; expected "
                  "linux/arm64");
}

TEST_F(LayoutTest, BlobsThatNothingRefersToAreLeftAlone) {
    const std::string reference = layout_.write();
    fixture::write_file(layout_.path() / "blobs" / "sha256" / std::string(64, '0'), "not that");
    fixture::write_file(layout_.path() / "blobs" / "sha256" / "README", "no digest at all");
    EXPECT_TRUE(load(reference));
}

TEST_F(LayoutTest, ASha512BlobIsVerified) {
    ordered_json image = layout_.add_image();
    const std::string manifest = fixture::read_file(layout_.blob_path(image));
    const Digest digest = digest_of(DigestAlgorithm::Sha512, as_bytes(manifest));
    std::filesystem::create_directories(layout_.path() / "blobs" / "sha512");
    fixture::write_file(layout_.path() / digest.path(), manifest);
    image["digest"] = digest.text();
    layout_.write_index({image});
    EXPECT_TRUE(load("oci:" + layout_.path().string()));
    fixture::flip_bit(layout_.path() / digest.path(), 5);
    EXPECT_EQ(load("oci:" + layout_.path().string()).error().code, ErrorCode::BlobDigest);
}

TEST(LayoutDocumentTest, WhatIsNoLayoutIsSaidToBeNone) {
    const fixture::TemporaryFolder folder;
    const std::string path = folder.path().string();
    EXPECT_EQ(message_of(load("oci:" + path)),
              "KOS-E-LAYOUT: " + path + ": this is not an OCI image layout: it has no oci-layout");
    EXPECT_EQ(message_of(load("oci:" + path + "/missing")),
              "KOS-E-LAYOUT: " + path +
                  "/missing: this is not an OCI image layout: no such file or directory");
    fixture::write_file(folder.path() / "oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
    EXPECT_EQ(message_of(load("oci:" + path)),
              "KOS-E-LAYOUT: " + path +
                  ": this is not an OCI image layout: its version is 2.0.0, expected 1.x");
}

TEST_F(LayoutTest, AMalformedIndexIsPlacedByByteOrField) {
    const std::string reference = layout_.write();
    fixture::write_file(layout_.path() / "index.json", R"({"schemaVersion": 2,)");
    EXPECT_EQ(message_of(load(reference)),
              "KOS-E-JSON: index.json: a JSON document is malformed or lacks a field: syntax "
              "error at byte 21");
    fixture::write_file(layout_.path() / "index.json", R"({"schemaVersion": 2, "manifests":
        [{"mediaType": "x", "digest": "sha256:../x", "size": 1}]})");
    EXPECT_EQ(message_of(load(reference)),
              "KOS-E-JSON: index.json: /manifests/0/digest: a JSON document is malformed or lacks "
              "a field: \"sha256:../x\" is neither sha256:HEX nor sha512:HEX");
}

TEST_F(LayoutTest, IndexesThatNestForEverAreRefused) {
    ordered_json inner = layout_.add_image();
    for (int depth = 0; depth < 12; ++depth) {
        inner = layout_.add_blob(ordered_json{{"schemaVersion", 2}, {"manifests", {inner}}}.dump(),
                                 "application/vnd.oci.image.index.v1+json");
    }
    layout_.write_index({inner});
    EXPECT_EQ(message_of(load("oci:" + layout_.path().string())),
              "KOS-E-JSON: " + layout_.path().string() +
                  ": a JSON document is malformed or lacks a field: its indexes are nested too "
                  "deeply");
}

}  // namespace
}  // namespace kos::oci
