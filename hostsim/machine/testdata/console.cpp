// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Boot information is what the kernel says; the console works.
#include "hostsim/machine/testdata/support.hpp"

void test_main() {
    const auto& info = kos::test::boot_info();
    kos::test::print("hello from the initial thread\n");
    kos::test::print(info.node_count);
    kos::test::print(info.root_cnode_bits);
    kos::test::print("\n");
}
