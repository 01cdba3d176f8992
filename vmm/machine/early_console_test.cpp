// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/machine/early_console.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kos::vmm {
namespace {

TEST(EarlyConsoleTest, ItSendsAndIsNeverBusy) {
    struct Text final : ConsoleOutput {
        void write(Bytes bytes) override { text += as_text(bytes); }
        std::string text;
    } output;
    EarlyConsole console{output};
    for (const char each : std::string{"hi\n"}) {
        EXPECT_EQ(EarlyConsole::read(0x18), 0x90u);
        console.write(0x00, static_cast<std::uint8_t>(each));
    }
    console.write(0x30, 0x301);
    EXPECT_EQ(EarlyConsole::read(0x00), 0u);
    EXPECT_EQ(output.text, "hi\n");
}

}  // namespace
}  // namespace kos::vmm
