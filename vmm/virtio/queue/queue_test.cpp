// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/queue/queue.hpp"

#include "vmm/virtio/testing/fake_driver.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>

namespace kos::virtio {
namespace {

struct QueueTest : testing::TestWithParam<bool> {
    QueueTest() { EXPECT_TRUE(queue.start(driver.config(), 64, guest.memory()).ok()); }
    FakeGuest guest;
    FakeDriver driver{guest, 8, GetParam()};
    Queue queue;
    Chain chain;
};
INSTANTIATE_TEST_SUITE_P(EventIndex, QueueTest, testing::Bool(),
                         [](const auto& instance) { return instance.param ? "On" : "Off"; });

std::string text_of(ReadableBuffers buffers) {
    std::string text;
    buffers.each(buffers.size(), [&text](Bytes part) { text.append(as_text(part)); });
    return text;
}

TEST_P(QueueTest, AChainIsPoppedAndGivenBack) {
    const std::uint16_t head = driver.chain().readable("question").writable(3).writable(5).submit();
    ASSERT_TRUE(queue.pop(chain).value());
    EXPECT_EQ(text_of(chain.readable()), "question");
    EXPECT_EQ(chain.writable().size(), 8u);
    WritableBuffers answer = chain.writable();
    queue.push(chain, answer.write(as_bytes("answer")));
    const auto used = driver.used();
    ASSERT_TRUE(used);
    EXPECT_EQ(used->head, head);
    EXPECT_EQ(as_text(used->answer), "answer");
    EXPECT_FALSE(queue.pop(chain).value());
}

TEST_P(QueueTest, AnIndirectChainIsAsGoodAsADirectOne) {
    auto builder = driver.chain();
    for (int i = 0; i < 20; ++i) builder.readable("x");
    builder.writable(1).indirect().submit();
    ASSERT_TRUE(queue.pop(chain).value());
    EXPECT_EQ(text_of(chain.readable()), std::string(20, 'x'));
    EXPECT_EQ(chain.writable().size(), 1u);
}

TEST_P(QueueTest, DirectDescriptorsMayPrecedeAnIndirectTable) {
    const GuestAddress table = guest.allocate(16);
    guest.write(table, bytes_of(Descriptor{.address = FakeGuest::start.value(),
                                           .length = 2u,
                                           .flags = descriptor_write,
                                           .next = std::uint16_t{0}}));
    driver.set_descriptor(3, {.address = FakeGuest::start.value(),
                              .length = 1u,
                              .flags = descriptor_next,
                              .next = std::uint16_t{5}});
    driver.set_descriptor(5, {.address = table.value(),
                              .length = 16u,
                              .flags = descriptor_indirect,
                              .next = std::uint16_t{0}});
    driver.make_available(3);
    ASSERT_TRUE(queue.pop(chain).value());
    EXPECT_EQ(chain.readable().size(), 1u);
    EXPECT_EQ(chain.writable().size(), 2u);
}

TEST_P(QueueTest, ABufferAcrossTwoRangesOfMemoryIsOneBuffer) {
    const GuestAddress middle = FakeGuest::start + (guest.end() - FakeGuest::start) / 2;
    guest.write(middle - 3, as_bytes("across"));
    driver.chain().buffer({middle - 3, 6, false}).submit();
    ASSERT_TRUE(queue.pop(chain).value());
    EXPECT_EQ(text_of(chain.readable()), "across");
}

TEST_P(QueueTest, AnInterruptIsWantedWhenTheDriverAskedAndSomethingWasUsed) {
    driver.want_interrupt();
    EXPECT_FALSE(queue.wants_interrupt());
    driver.chain().writable(1).submit();
    ASSERT_TRUE(queue.pop(chain).value());
    queue.push(chain, 0);
    EXPECT_TRUE(queue.wants_interrupt());
    EXPECT_FALSE(queue.wants_interrupt());
    ASSERT_TRUE(driver.used());

    driver.refuse_interrupts();
    driver.chain().writable(1).submit();
    ASSERT_TRUE(queue.pop(chain).value());
    queue.push(chain, 0);
    EXPECT_FALSE(queue.wants_interrupt());
}

TEST_P(QueueTest, NotificationsAreAskedForWithoutMissingAChain) {
    queue.disable_notifications();
    EXPECT_FALSE(queue.enable_notifications());
    driver.chain().readable("a").submit();
    EXPECT_TRUE(driver.device_wants_notification());
    queue.disable_notifications();
    EXPECT_TRUE(queue.enable_notifications());
}

TEST_P(QueueTest, AChainCanBeLeftForLater) {
    driver.chain().readable("later").submit();
    ASSERT_TRUE(queue.pop(chain).value());
    queue.undo_pop();
    EXPECT_EQ(queue.available(), 1u);
    ASSERT_TRUE(queue.pop(chain).value());
    EXPECT_EQ(text_of(chain.readable()), "later");
}

TEST_P(QueueTest, AStoppedQueueTouchesNothing) {
    driver.chain().writable(1).submit();
    ASSERT_TRUE(queue.pop(chain).value());
    queue.stop();
    queue.push(chain, 1);
    EXPECT_FALSE(driver.used());
    EXPECT_FALSE(queue.pop(chain).value());
    EXPECT_FALSE(queue.wants_interrupt());
}

TEST_P(QueueTest, AQueueIsTakenOverWhereItWasLeft) {
    for (int i = 0; i < 3; ++i) {
        driver.chain().readable(std::to_string(i)).submit();
        ASSERT_TRUE(queue.pop(chain).value());
        queue.push(chain, 0);
    }
    driver.chain().readable("next").submit();
    QueueConfig config = driver.config();
    config.next_available = queue.next_available();
    config.next_used = queue.next_used();
    Queue second;
    ASSERT_TRUE(second.start(config, 64, guest.memory()).ok());
    ASSERT_TRUE(second.pop(chain).value());
    EXPECT_EQ(text_of(chain.readable()), "next");
}

/// Chains of random shape through a small ring, in order: each is given back once, with its answer.
RC_GTEST_PROP(QueueProperty, EveryChainComesBackOnceWithItsOwnAnswer, ()) {
    FakeGuest guest{8 << 20};
    const bool event_index = *rc::gen::arbitrary<bool>();
    FakeDriver driver{guest, 8, event_index};
    Queue queue;
    RC_ASSERT(queue.start(driver.config(), 8, guest.memory()).ok());
    Chain chain;
    std::deque<std::string> expected;
    const GuestAddress mark = guest.mark();
    for (int i = 0; i < 300; ++i) {
        if (*rc::gen::inRange(0, 2) == 0 && driver.free_descriptors() >= 4) {
            const int parts = *rc::gen::inRange(1, 4);
            auto builder = driver.chain();
            std::string text;
            for (int part = 0; part < parts; ++part) {
                text += std::to_string(i) + ",";
                builder.readable(std::to_string(i) + ",");
            }
            builder.writable(100);
            if (*rc::gen::arbitrary<bool>()) builder.indirect();
            builder.submit();
            expected.push_back(text);
        } else if (auto popped = queue.pop(chain); popped.value()) {
            WritableBuffers answer = chain.writable();
            queue.push(chain, answer.write(as_bytes(text_of(chain.readable()))));
            const auto used = driver.used();
            RC_ASSERT(used.has_value());
            RC_ASSERT(as_text(used->answer) == expected.front());
            expected.pop_front();
            if (expected.empty()) guest.release(mark);
        } else {
            RC_ASSERT(expected.empty());
        }
    }
}

}  // namespace
}  // namespace kos::virtio
