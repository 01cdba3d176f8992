// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/digest.hpp"

#include <gtest/gtest.h>

namespace kos::oci {
namespace {

constexpr auto abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(DigestTest, AKnownContentHasItsKnownDigest) {
    EXPECT_EQ(digest_of(DigestAlgorithm::Sha256, as_bytes("abc")).text(),
              std::string{"sha256:"} + abc);
    EXPECT_EQ(digest_of(DigestAlgorithm::Sha512, as_bytes("abc")).hex().substr(0, 16),
              "ddaf35a193617aba");
}

TEST(DigestTest, PiecesGiveTheDigestOfTheWhole) {
    Hasher hasher{DigestAlgorithm::Sha256};
    hasher.update(as_bytes("a"));
    hasher.update(as_bytes("bc"));
    EXPECT_EQ(hasher.finish().hex(), abc);
}

TEST(DigestTest, ADigestNamesItsBlobsPath) {
    const auto digest = Digest::parse(std::string{"sha256:"} + abc);
    ASSERT_TRUE(digest);
    EXPECT_EQ(digest->path(), std::string{"blobs/sha256/"} + abc);
}

TEST(DigestTest, WhatCouldLeaveTheBlobsFolderIsNoDigest) {
    EXPECT_FALSE(Digest::parse("sha256:../../etc/passwd"));
    EXPECT_FALSE(Digest::parse("sha256:" + std::string(64, 'A')));
    EXPECT_FALSE(Digest::parse("sha256:" + std::string(63, 'a')));
    EXPECT_FALSE(Digest::parse("sha512:" + std::string(64, 'a')));
    EXPECT_FALSE(Digest::parse("md5:" + std::string(32, 'a')));
    EXPECT_FALSE(Digest::parse("sha256"));
    EXPECT_FALSE(Digest::parse(""));
}

}  // namespace
}  // namespace kos::oci
