// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/file/file.hpp"

#include "cli/fixture/layout_builder.hpp"
#include "cli/fixture/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace kos::file {
namespace {

TEST(File, IsReadWhole) {
    const fixture::TemporaryFolder folder;
    const std::string content{"a\0b\n", 4};
    fixture::write_file(folder.path() / "there", content);
    EXPECT_EQ(*read(folder.path() / "there"), content);
}

TEST(File, ThatCannotBeReadIsNamedWithTheReason) {
    const fixture::TemporaryFolder folder;
    const auto missing = read(folder.path() / "missing");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::File);
    EXPECT_EQ(missing.error().where, folder.path() / "missing");
    EXPECT_EQ(missing.error().detail, "No such file or directory");
    const auto directory = read(folder.path());
    ASSERT_FALSE(directory);
    EXPECT_EQ(directory.error().detail, "Is a directory");
}

}  // namespace
}  // namespace kos::file
