// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/symbols.hpp"

#include "lib/manifest/image.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kos::rootserver {
namespace {

std::string blob() {
    constexpr std::uint32_t names = 8 + 2 * sizeof(manifest::Symbol);
    const manifest::Symbol symbols[] = {{0x1000, 0x20, names}, {0x1020, 0, names + 5}};
    const Le32 count[] = {2, 0};
    return std::string{as_text(std::as_bytes(std::span{count}))} +
           std::string{as_text(std::as_bytes(std::span{symbols}))} + std::string{"main\0exit", 10};
}

TEST(SymbolsTest, TheLastSymbolAtOrBelowTheAddressIsFound) {
    const std::string bytes = blob();
    const auto first = nearest_symbol(as_bytes(bytes), VirtualAddress{0x101f});
    ASSERT_TRUE(first);
    EXPECT_EQ(first->name, "main");
    EXPECT_EQ(first->distance, 0x1fu);
    const auto second = nearest_symbol(as_bytes(bytes), VirtualAddress{0x1020});
    ASSERT_TRUE(second);
    EXPECT_EQ(second->name, "exit");
    EXPECT_FALSE(nearest_symbol(as_bytes(bytes), VirtualAddress{0xfff}));
}

TEST(SymbolsTest, AMalformedBlobHasNoSymbols) {
    EXPECT_FALSE(nearest_symbol({}, VirtualAddress{0x1000}));
    std::string bytes = blob();
    bytes[3] = '\x7f';
    EXPECT_FALSE(nearest_symbol(as_bytes(bytes), VirtualAddress{0x1000}));
    bytes = blob();
    bytes[8 + 15] = '\x7f';
    EXPECT_FALSE(nearest_symbol(as_bytes(bytes), VirtualAddress{0x1000}));
}

}  // namespace
}  // namespace kos::rootserver
