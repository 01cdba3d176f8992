// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/guest/message_streams.hpp"

#include "vmm/virtio/vsock/test/fake_peers.hpp"

#include <gtest/gtest.h>

#include <map>

namespace kos::qemu {
namespace {

using external::StreamOperation;
using external::StreamRecord;
using virtio::SocketOperation;

class MessageStreamsTest : public testing::Test {
   protected:
    MessageStreamsTest() {
        streams_.attach(device_);
        for (int i = 0; i < 16; ++i) bed_.chain(0).writable(256).submit();
        bed_.notify(0);
    }
    void put(SocketOperation operation) {
        bed_.chain(1)
            .readable(virtio::SocketBed::header(operation, {.guest = 1, .host = 1000}))
            .submit();
        bed_.notify(1);
        (void)bed_.queue(1).used();
        // What it is sent, it takes.
        while (bed_.queue(0).used()) bed_.chain(0).writable(256).submit();
        bed_.notify(0);
    }
    void ask_and_give_up() {
        put(SocketOperation::Request);
        put(SocketOperation::Reset);
    }
    void answer(std::uint32_t stream, StreamOperation operation) {
        streams_.take(bytes_of(StreamRecord{stream, static_cast<std::uint32_t>(operation), 0}));
    }

    std::map<StreamOperation, std::uint32_t> told_;  ///< how many of each
    MessageStreams streams_{
        [this](Bytes bytes) { ++told_[read_at<StreamRecord>(bytes, 0)->operation()]; }};
    std::vector<virtio::Connection> storage_{64};
    virtio::Socket device_{streams_, virtio::test_cid, storage_};
    virtio::DeviceBed bed_{device_, 0, 8 << 20};
};

TEST_F(MessageStreamsTest, AGuestThatAsksAndGivesUpIsNotListenedToForEver) {
    for (int i = 0; i < 1000; ++i) ask_and_give_up();
    EXPECT_EQ(told_[StreamOperation::Request], MessageStreams::most_unanswered);
    EXPECT_EQ(told_[StreamOperation::Closed], MessageStreams::most_unanswered);
    // The VMM's answers come late, for streams that are no more: each makes room for one.
    answer(1, StreamOperation::Accept);
    answer(2, StreamOperation::Abort);
    answer(2, StreamOperation::Abort);
    for (int i = 0; i < 10; ++i) ask_and_give_up();
    EXPECT_EQ(told_[StreamOperation::Request], MessageStreams::most_unanswered + 2);
}

}  // namespace
}  // namespace kos::qemu
