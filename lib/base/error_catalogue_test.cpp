// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/base/error.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

namespace kos {
namespace {

TEST(ErrorCatalogueTest, EveryCodeIsThereOnceAndHasItsForm) {
    std::set<std::string_view> codes;
    for (const ErrorEntry& entry : error_catalogue) {
        EXPECT_TRUE(entry.code.starts_with("KOS-E-")) << entry.code;
        EXPECT_TRUE(codes.insert(entry.code).second) << entry.code << " is there twice";
        EXPECT_FALSE(entry.summary.empty() || entry.cure.empty()) << entry.code;
    }
}

TEST(ErrorCatalogueTest, TheDocumentHasEveryError) {
    std::ifstream file{KOS_DOCS "/errors.md"};
    const std::string document{std::istreambuf_iterator<char>{file}, {}};
    for (const ErrorEntry& entry : error_catalogue) {
        std::string row = "| `";
        row.append(entry.code).append("` | ").append(entry.summary).append(" | ");
        row.append(entry.cure).append(" |\n");
        EXPECT_NE(document.find(row), std::string::npos)
            << "docs/errors.md should contain: " << row;
    }
}

TEST(ErrorCatalogueTest, AMessageSaysWhereWhatAndWhatToDo) {
    EXPECT_EQ(to_string(Error{ErrorCode::File, "a.img", "no such file"}),
              "KOS-E-FILE: a.img: a file cannot be read or written: no such file\n"
              "  what to do: check its path and permissions");
    EXPECT_EQ(to_string(Error{ErrorCode::Usage, "", ""}),
              "KOS-E-USAGE: the command line is wrong\n  what to do: see kos --help");
}

}  // namespace
}  // namespace kos
