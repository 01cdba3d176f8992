// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Drivers that break the rules: each is told apart, and stops the queue.

#include "vmm/virtio/queue/queue.hpp"
#include "vmm/virtio/testing/fake_driver.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace kos::virtio {
namespace {

struct HostileQueue : testing::Test {
    HostileQueue() { start(); }
    void start() { EXPECT_TRUE(queue.start(driver.config(), 8, guest.memory()).ok()); }
    /// The error of the next pop, after which the queue must be silent.
    QueueError error() {
        const auto popped = queue.pop(chain);
        EXPECT_FALSE(queue.running());
        EXPECT_FALSE(queue.pop(chain).value());
        return popped.error();
    }
    QueueError error_of(const Descriptor& descriptor) {
        driver.set_descriptor(0, descriptor);
        driver.make_available(0);
        return error();
    }
    QueueError error_of_table(std::span<const Descriptor> table) {
        const GuestAddress address = guest.allocate(table.size_bytes());
        guest.write(address, std::as_bytes(table));
        return error_of({.address = address.value(),
                         .length = static_cast<std::uint32_t>(table.size_bytes()),
                         .flags = descriptor_indirect,
                         .next = std::uint16_t{0}});
    }
    static Descriptor descriptor(std::uint32_t length, int flags, std::uint16_t next = 0) {
        return {.address = FakeGuest::start.value(),
                .length = length,
                .flags = static_cast<std::uint16_t>(flags),
                .next = next};
    }

    FakeGuest guest;
    FakeDriver driver{guest, 8};
    Queue queue;
    Chain chain;
};

TEST_F(HostileQueue, AChainThatBitesItsTailIsALoop) {
    EXPECT_EQ(error_of(descriptor(1, descriptor_next, 0)), QueueError::Loop);
}

TEST_F(HostileQueue, AnIndirectChainThatBitesItsTailIsALoop) {
    const std::array table{descriptor(1, descriptor_next, 1), descriptor(1, descriptor_next, 0)};
    EXPECT_EQ(error_of_table(table), QueueError::Loop);
}

TEST_F(HostileQueue, HeadsAndLinksOutsideOfTheTableAreRefused) {
    driver.make_available(8);
    EXPECT_EQ(error(), QueueError::Head);
    driver.set_available_index(0);
    start();
    EXPECT_EQ(error_of(descriptor(1, descriptor_next, 8)), QueueError::Next);
    const std::array table{descriptor(1, descriptor_next, 2), descriptor(1, 0)};
    driver.set_available_index(0);
    start();
    EXPECT_EQ(error_of_table(table), QueueError::Next);
}

TEST_F(HostileQueue, AnIndexThatRanAheadIsRefused) {
    driver.set_available_index(9);
    EXPECT_EQ(error(), QueueError::AvailableIndex);
}

TEST_F(HostileQueue, AnIndexThatWentBackIsRefused) {
    driver.set_available_index(0xffff);
    EXPECT_EQ(error(), QueueError::AvailableIndex);
}

TEST_F(HostileQueue, BuffersOutsideOfMemoryAreRefused) {
    Descriptor beyond = descriptor(2, descriptor_write);
    beyond.address = guest.end().value() - 1;
    EXPECT_EQ(error_of(beyond), QueueError::Buffer);
    driver.set_available_index(0);
    start();
    beyond.address = ~std::uint64_t{0};
    beyond.length = ~std::uint32_t{0};
    EXPECT_EQ(error_of(beyond), QueueError::Buffer);
}

TEST_F(HostileQueue, BuffersWithoutBytesAreRefused) {
    EXPECT_EQ(error_of(descriptor(0, descriptor_write)), QueueError::Empty);
}

TEST_F(HostileQueue, ReadableBuffersBehindWritableOnesAreRefused) {
    driver.set_descriptor(1, descriptor(1, 0));
    EXPECT_EQ(error_of(descriptor(1, descriptor_write | descriptor_next, 1)), QueueError::Order);
}

TEST_F(HostileQueue, IndirectTablesThatNestLinkOrAreCutOffAreRefused) {
    const std::array nested{descriptor(16, descriptor_indirect)};
    EXPECT_EQ(error_of_table(nested), QueueError::IndirectNested);
    driver.set_available_index(0);
    start();
    EXPECT_EQ(error_of(descriptor(16, descriptor_indirect | descriptor_next, 1)),
              QueueError::Indirect);
    driver.set_available_index(0);
    start();
    EXPECT_EQ(error_of(descriptor(0, descriptor_indirect)), QueueError::IndirectLength);
    driver.set_available_index(0);
    start();
    EXPECT_EQ(error_of(descriptor(24, descriptor_indirect)), QueueError::IndirectLength);
    driver.set_available_index(0);
    start();
    Descriptor outside = descriptor(16, descriptor_indirect);
    outside.address = guest.end().value();
    EXPECT_EQ(error_of(outside), QueueError::IndirectOutside);
}

TEST_F(HostileQueue, IndirectTablesNeedTheirFeature) {
    QueueConfig config = driver.config();
    config.indirect = false;
    ASSERT_TRUE(queue.start(config, 8, guest.memory()).ok());
    driver.chain().readable("x").indirect().submit();
    EXPECT_EQ(error(), QueueError::Indirect);
}

TEST_F(HostileQueue, MorePartsThanADeviceTakesAreRefused) {
    std::vector<Descriptor> table;
    for (std::uint16_t i = 0; i < Chain::max_parts + 1; ++i) {
        table.push_back(descriptor(1, descriptor_next, static_cast<std::uint16_t>(i + 1)));
    }
    table.back().flags = std::uint16_t{0};
    EXPECT_EQ(error_of_table(table), QueueError::Parts);
}

TEST_F(HostileQueue, ChainsOfFourGigabytesAreRefused) {
    // The same 32 MiB again and again: each buffer is sound, the sum is not.
    FakeGuest large{64 << 20};
    FakeDriver large_driver{large, 8};
    ASSERT_TRUE(queue.start(large_driver.config(), 8, large.memory()).ok());
    auto builder = large_driver.chain();
    for (int i = 0; i < 129; ++i) builder.buffer({FakeGuest::start, 32 << 20, true});
    builder.indirect().submit();
    EXPECT_EQ(error(), QueueError::Total);
}

TEST_F(HostileQueue, RingsThatAreMisplacedAreRefused) {
    const auto error_with = [this](auto change) {
        QueueConfig config = driver.config();
        change(config);
        return queue.start(config, 8, guest.memory()).error();
    };
    EXPECT_EQ(error_with([](QueueConfig& c) { c.size = 0; }), QueueError::Size);
    EXPECT_EQ(error_with([](QueueConfig& c) { c.size = 7; }), QueueError::Size);
    EXPECT_EQ(error_with([](QueueConfig& c) { c.size = 16; }), QueueError::Size);
    EXPECT_EQ(error_with([](QueueConfig& c) { c.descriptors = c.descriptors + 8; }),
              QueueError::Alignment);
    EXPECT_EQ(error_with([](QueueConfig& c) { c.used = c.used + 2; }), QueueError::Alignment);
    EXPECT_EQ(error_with([](QueueConfig& c) { c.available = c.available + 1; }),
              QueueError::Alignment);
    EXPECT_EQ(error_with([this](QueueConfig& c) { c.used = guest.end() - 4; }), QueueError::Ring);
    EXPECT_FALSE(queue.running());
}

// A descriptor that is changed all the time gives an old or a new value, never an unchecked one:
// each chain that is popped lies in memory, whatever the other side writes meanwhile.
TEST_F(HostileQueue, DescriptorsThatChangeMeanwhileNeverGetPastTheChecks) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "a race on guest memory is what is tested";
#endif
    std::atomic<bool> stop{false};
    const GuestMemory& memory = guest.memory();
    const auto low = SharedWord<std::uint64_t>::create(memory, driver.config().descriptors).value();
    std::thread guest_processor{[&] {
        while (!stop) {
            low.store(FakeGuest::start.value());
            low.store(guest.end().value() + 4096);
        }
    }};
    const std::byte* const base = memory.bytes(FakeGuest::start, 1).value().data();
    driver.set_descriptor(0, descriptor(64, 0));
    int good = 0, bad = 0;
    const auto both_were_met = [&] { return good != 0 && bad != 0; };
    for (int i = 0; i < 20000 || (!both_were_met() && i < 10'000'000); ++i) {
        driver.set_available_index(0);
        start();
        driver.make_available(0);
        const auto popped = queue.pop(chain);
        if (popped) {
            EXPECT_EQ(chain.readable().front().data(), base);
            ++good;
        } else {
            EXPECT_EQ(popped.error(), QueueError::Buffer);
            ++bad;
        }
    }
    stop = true;
    guest_processor.join();
    EXPECT_TRUE(both_were_met());
}

}  // namespace
}  // namespace kos::virtio
