// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/admission.hpp"

#include "cli/fixture/message.hpp"

#include <gtest/gtest.h>

namespace kos::system {
namespace {

const std::vector<Need> needs{{"client", 1000, 0}, {"a-longer-name", 24, 500}};

TEST(AdmissionTest, WhatFitsIsAdmittedToTheByte) {
    EXPECT_TRUE(admit(needs, 1524));
    EXPECT_EQ(fixture::message_of(admit(needs, 1523)),
              "KOS-E-UNTYPED: the system: there is not enough untyped memory: 1 bytes are missing");
}

TEST(AdmissionTest, TheTableSaysWhoNeedsWhatAndWhatIsMissing) {
    EXPECT_EQ(table_of(needs, 1000),
              "service             app bytes     guest bytes       all bytes\n"
              "client                   1000               0            1000\n"
              "a-longer-name              24             500             524\n"
              "all                      1024             500            1524\n"
              "memory                                                   1000\n"
              "missing                                                   524\n");
    EXPECT_NE(table_of(needs, 2000)
                  .find("left                                                      476\n"),
              std::string::npos);
}

}  // namespace
}  // namespace kos::system
