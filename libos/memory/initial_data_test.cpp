// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/memory/initial_data.hpp"

#include "loader/elf/format.hpp"
#include "loader/testing/elf_builder.hpp"

#include <gtest/gtest.h>

namespace kos::libos {
namespace {

using namespace elf::format;

constexpr VirtualAddress entry{0x1000'0000};

TEST(InitialDataTest, WritableSegmentsAreFoundWhereTheyWereLoaded) {
    kos::testing::ElfBuilder builder = kos::testing::small_program();
    builder.load(0x3'0008, pf_read | pf_write, std::vector<std::byte>(24, std::byte{9}), 100);
    const std::vector<std::byte> file = builder.build();
    std::size_t number = 0;
    const auto first = next_initial_data(file, entry, number);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->address, entry + 0x1'0010);
    EXPECT_EQ(first->bytes.size(), 16u);
    EXPECT_EQ(first->bytes[0], std::byte{7});
    const auto second = next_initial_data(file, entry, number);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->address, entry + 0x2'0008);
    EXPECT_EQ(second->bytes.size(), 24u);
    EXPECT_FALSE(next_initial_data(file, entry, number));
}

TEST(InitialDataTest, AFileThatEndsTooEarlyHasNone) {
    const std::vector<std::byte> file = kos::testing::small_program().build();
    std::size_t number = 0;
    const auto whole = next_initial_data(file, entry, number);
    ASSERT_TRUE(whole);
    const auto end =
        static_cast<std::size_t>(whole->bytes.data() + whole->bytes.size() - file.data());
    for (std::size_t size = 0; size < end; ++size) {
        number = 0;
        EXPECT_FALSE(next_initial_data(Bytes{file}.first(size), entry, number)) << size;
    }
}

}  // namespace
}  // namespace kos::libos
