// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/rng/entropy.hpp"

#include "vmm/virtio/testing/fake_transport.hpp"

#include <gtest/gtest.h>

namespace kos::virtio {
namespace {

struct Counting final : EntropySource {
    void fill(MutableBytes target) override {
        for (std::byte& byte : target) byte = static_cast<std::byte>(++count);
    }
    unsigned count = 0;
};

struct EntropyTest : testing::Test {
    Counting source;
    Entropy device{source};
    DeviceBed bed{device, 0};
};

TEST_F(EntropyTest, BuffersAreFilled) {
    bed.chain(0).writable(3).writable(2).submit();
    const auto answer = bed.answer(0).value().answer;
    ASSERT_EQ(answer.size(), 5u);
    EXPECT_EQ(answer[4], std::byte{5});
}

TEST_F(EntropyTest, ARequestGetsABoundedNumberOfBytes) {
    bed.chain(0).writable(100000).submit();
    EXPECT_EQ(bed.answer(0).value().written, Entropy::max_request);
    EXPECT_EQ(source.count, Entropy::max_request);
}

TEST_F(EntropyTest, BuffersToReadStopTheDevice) {
    bed.chain(0).readable("seed").writable(4).submit();
    bed.notify(0);
    EXPECT_EQ(bed.transport.failure, DriverError{RequestError::Direction});
}

}  // namespace
}  // namespace kos::virtio
