// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Services that talk through a message server on real seL4.
#include "cli/kernel/install.hpp"
#include "cli/run/qemu_target.hpp"
#include "systems.hpp"  // beside the tests, of no library

#include <gtest/gtest.h>

namespace kos::run {
namespace {

TEST(NetworkSel4Test, TwoServicesExchangeMessages) {
    if (!kernel::find_folder("qemu_virt_aarch64", kernel::process_environment())) {
        GTEST_SKIP() << "no seL4 kernel: set SEL4_PREFIX or MICROKIT_SDK";
    }
    HeardApps heard;
    Session session{heard};
    QemuOptions options;
    options.target_folder = KOS_TARGET_DIR;
    options.timeout = std::chrono::seconds{120};
    const auto image = messages_example(KOS_TARGET_DIR, KOS_TEST_PROGRAMS);
    const auto ran = run_in_qemu(image, options, session);
    ASSERT_TRUE(ran) << to_string(ran.error()) << heard.text;
    EXPECT_EQ(heard.output[1], expected_of_server) << heard.text;
    EXPECT_EQ(heard.output[2], expected_of_client) << heard.text;
}

}  // namespace
}  // namespace kos::run
