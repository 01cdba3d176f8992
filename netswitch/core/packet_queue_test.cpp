// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "netswitch/core/packet_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace kos::netswitch {
namespace {

TEST(PacketQueueTest, PacketsComeOutAsTheyWentIn) {
    std::vector<std::byte> storage(256);
    PacketQueue queue{storage};
    EXPECT_TRUE(queue.empty());
    EXPECT_TRUE(queue.push(0, as_bytes("one")));
    EXPECT_TRUE(queue.push(1, as_bytes("")));
    EXPECT_TRUE(queue.push(2, as_bytes("three")));
    EXPECT_EQ(as_text(queue.front()), "one");
    queue.pop();
    EXPECT_EQ(as_text(queue.front()), "");
    queue.pop();
    EXPECT_EQ(as_text(queue.front()), "three");
    queue.pop();
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.used(), 0u);
}

TEST(PacketQueueTest, WithoutMemoryNothingFits) {
    PacketQueue queue{{}};
    EXPECT_FALSE(queue.push(0, {}));
}

TEST(PacketQueueTest, OneThatFloodsLeavesRoomForOthers) {
    std::vector<std::byte> storage(8000);
    PacketQueue queue{storage};
    const std::string packet(92, 'x');  // 104 bytes with its record
    unsigned flood = 0, others = 0;
    while (queue.push(0, as_bytes(packet))) ++flood;
    EXPECT_LE(flood * 104, 4104u);
    while (queue.push(1, as_bytes(packet))) ++others;
    EXPECT_GE(others, flood / 2 - 1);
    EXPECT_TRUE(queue.push(2, as_bytes(packet))) << "and there is always some left";
}

RC_GTEST_PROP(PacketQueuePropertyTest, ItIsAQueue, (std::uint32_t seed)) {
    const auto next = [&seed](unsigned below) {
        seed = seed * 1664525 + 1013904223;
        return (seed >> 10) % below;
    };
    std::vector<std::byte> storage(200 + next(2000));
    PacketQueue queue{storage};
    std::deque<std::string> model;
    for (int i = 0; i < 500; ++i) {
        if (next(5) < 3) {
            const std::string packet(next(next(4) == 0 ? 600 : 60),
                                     static_cast<char>('a' + i % 26));
            const unsigned sender = next(3);
            const bool was_empty = queue.empty();
            const bool fitted = queue.push(sender, as_bytes(packet));
            if (was_empty && packet.size() + 16 <= storage.size()) RC_ASSERT(fitted);
            if (fitted) model.push_back(packet);
        } else if (!model.empty()) {
            RC_ASSERT(as_text(queue.front()) == model.front());
            queue.pop();
            model.pop_front();
        }
        RC_ASSERT(queue.empty() == model.empty());
        RC_ASSERT(queue.used() <= storage.size());
    }
    for (; !model.empty(); model.pop_front(), queue.pop()) {
        RC_ASSERT(as_text(queue.front()) == model.front());
    }
    RC_ASSERT(queue.used() == 0u);
}

}  // namespace
}  // namespace kos::netswitch
