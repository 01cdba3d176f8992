// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/vhost_user/channel.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace kos::vhost_user {
namespace {

struct Channel : testing::Test {
    Channel() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
        ours.reset(ends[0]);
        theirs.reset(ends[1]);
    }
    void send(Header header, Bytes payload, std::span<const int> descriptors = {}) {
        std::vector<std::byte> bytes(sizeof header + payload.size());
        std::memcpy(bytes.data(), &header, sizeof header);
        if (!payload.empty()) {
            std::memcpy(bytes.data() + sizeof header, payload.data(), payload.size());
        }
        iovec part{bytes.data(), bytes.size()};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(64 * sizeof(int))> control{};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        if (!descriptors.empty()) {
            message.msg_control = control.data();
            message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
            cmsghdr* head = CMSG_FIRSTHDR(&message);
            head->cmsg_level = SOL_SOCKET;
            head->cmsg_type = SCM_RIGHTS;
            head->cmsg_len = CMSG_LEN(descriptors.size_bytes());
            std::memcpy(CMSG_DATA(head), descriptors.data(), descriptors.size_bytes());
        }
        EXPECT_GT(::sendmsg(theirs.get(), &message, 0), 0);
    }
    static int open_descriptors() {
        int count = 0;
        for (int fd = 0; fd < 200; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
        return count;
    }

    sys::UniqueFd ours, theirs;
};

TEST_F(Channel, AMessageComesWithItsDescriptors) {
    const sys::UniqueFd event{::eventfd(0, 0)};
    const std::array<int, 2> both{event.get(), event.get()};
    const std::uint64_t value = 7;
    send({12, flag_version | flag_need_reply, 8}, bytes_of(value), both);
    auto message = receive(ours.get()).value();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->request, Request::SetVringKick);
    EXPECT_TRUE(message->needs_reply());
    EXPECT_EQ(message->as<std::uint64_t>(), 7u);
    EXPECT_EQ(message->as<std::uint32_t>(), std::nullopt);
    ASSERT_EQ(message->descriptors.size(), 2u);
    EXPECT_NE(::fcntl(message->descriptors[0].get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(Channel, MessagesOfOtherVersionsOrSizesAreRefused) {
    send({1, 2, 0}, {});
    EXPECT_EQ(receive(ours.get()).error(), EBADMSG);
    send({1, flag_version, max_payload + 1}, {});
    EXPECT_EQ(receive(ours.get()).error(), EBADMSG);
}

TEST_F(Channel, AMessageThatIsCutOffIsRefused) {
    send({1, flag_version, 8}, as_bytes("four"));
    theirs.reset();
    EXPECT_EQ(receive(ours.get()).error(), EBADMSG);
}

TEST_F(Channel, AClosedEndIsNoMessage) {
    theirs.reset();
    EXPECT_FALSE(receive(ours.get()).value());
}

TEST_F(Channel, TooManyDescriptorsAreRefusedAndNoneIsLost) {
    const sys::UniqueFd event{::eventfd(0, 0)};
    const std::vector<int> many(9, event.get());
    const int before = open_descriptors();
    send({1, flag_version, 0}, {}, many);
    EXPECT_EQ(receive(ours.get()).error(), EBADMSG);
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace kos::vhost_user
