// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/systemd/unit.hpp"

#include <gtest/gtest.h>

namespace kos::oci {
namespace {

TEST(SystemdUnit, IsMadeOfSlicePrefixAndName) {
    const auto unit = parse_unit("machine.slice:libpod:web", "id", false);
    ASSERT_TRUE(unit.ok());
    EXPECT_EQ(unit->name, "libpod-web.scope");
    EXPECT_EQ(unit->slice, "machine.slice");
}

TEST(SystemdUnit, HasDefaults) {
    const auto roots = parse_unit("", "web", false);
    ASSERT_TRUE(roots.ok());
    EXPECT_EQ(roots->name, "kos-oci-web.scope");
    EXPECT_EQ(roots->slice, "system.slice");
    const auto users = parse_unit("::web", "id", true);
    ASSERT_TRUE(users.ok());
    EXPECT_EQ(users->name, "web.scope");
    EXPECT_EQ(users->slice, "user.slice");
}

TEST(SystemdUnit, OtherFormsAreRefused) {
    for (const char* path : {"/a/b", "a", "a.slice:b", "a.slice:b:", "a.slice:b:c:d", "a:b:c",
                             "a/b.slice:c:d", "a.slice:b:c/../d", "a.slice:b:c d"}) {
        const auto unit = parse_unit(path, "id", false);
        ASSERT_FALSE(unit.ok()) << path;
        EXPECT_EQ(unit.error().where, "/linux/cgroupsPath");
    }
}

}  // namespace
}  // namespace kos::oci
