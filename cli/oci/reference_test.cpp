// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/oci/reference.hpp"

#include <gtest/gtest.h>

namespace kos::oci {
namespace {

TEST(ReferenceTest, APathMayHaveATag) {
    const auto reference = parse_reference("oci:images/hello:v1.2");
    ASSERT_TRUE(reference);
    EXPECT_EQ(reference->path, "images/hello");
    EXPECT_EQ(reference->tag, "v1.2");
}

TEST(ReferenceTest, AColonInAFolderBeginsNoTag) {
    const auto reference = parse_reference("oci:/tmp/a:b/hello");
    ASSERT_TRUE(reference);
    EXPECT_EQ(reference->path, "/tmp/a:b/hello");
    EXPECT_FALSE(reference->tag);
}

TEST(ReferenceTest, WhatIsNoReferenceIsAUsageError) {
    for (const char* text : {"hello", "docker:hello", "oci:", "oci::tag", "oci:path:", ""}) {
        const auto reference = parse_reference(text);
        ASSERT_FALSE(reference) << text;
        EXPECT_EQ(reference.error().code, ErrorCode::Usage) << text;
    }
}

}  // namespace
}  // namespace kos::oci
