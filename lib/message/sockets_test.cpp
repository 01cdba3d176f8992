// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/message/sockets.hpp"

#include <gtest/gtest.h>

namespace kos::message {
namespace {

PayloadWriter connect_to_5050() {
    PayloadWriter writer{Opcode::Connect, 7};
    writer.bytes(bytes_of(ConnectBody{0x0a59'0002u, std::uint16_t{5050}}));
    return writer;
}

TEST(MessageSocketsTest, ConnectIsReadAsItWasWritten) {
    const auto request = decode_socket_request(connect_to_5050().payload());
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->opcode, Opcode::Connect);
    EXPECT_EQ(request->id, 7u);
    EXPECT_EQ(request->connect.address, 0x0a59'0002u);
    EXPECT_EQ(request->connect.port, 5050);
}

TEST(MessageSocketsTest, ListenIsReadAsItWasWritten) {
    PayloadWriter writer{Opcode::Listen, 1};
    writer.bytes(bytes_of(ListenBody{0u, std::uint16_t{80}, std::uint16_t{128}}));
    const auto request = decode_socket_request(writer.payload());
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->listen.address, 0u);
    EXPECT_EQ(request->listen.port, 80);
    EXPECT_EQ(request->listen.backlog, 128);
}

TEST(MessageSocketsTest, AcceptIsReadAsItWasWritten) {
    Token ticket{};
    ticket[15] = 9;
    PayloadWriter writer{Opcode::Accept, 2};
    writer.token(ticket);
    const auto request = decode_socket_request(writer.payload());
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->ticket, ticket);
}

TEST(MessageSocketsTest, EveryCutAndEveryTailIsRefused) {
    const PayloadWriter writer = connect_to_5050();
    for (std::size_t size = 0; size < writer.payload().size(); ++size) {
        const auto request = decode_socket_request(writer.payload().first(size));
        ASSERT_FALSE(request.ok());
        EXPECT_EQ(request.error().head.has_value(), size >= sizeof(Head));
    }
    PayloadWriter longer = connect_to_5050();
    longer.number(0);
    EXPECT_EQ(decode_socket_request(longer.payload()).error().status, Status::Malformed);
}

TEST(MessageSocketsTest, OtherRequestsAreNone) {
    PayloadWriter writer{Opcode::Hello, 1};
    writer.number(1);
    EXPECT_EQ(decode_socket_request(writer.payload()).error().status, Status::UnknownOpcode);
}

TEST(MessageSocketsTest, AMessageServerKnowsNoneOfThem) {
    EXPECT_EQ(decode_request(connect_to_5050().payload()).error().status, Status::UnknownOpcode);
}

TEST(MessageSocketsTest, PortsLeaveOutTheControlServices) {
    EXPECT_EQ(vsock_port(0), 1000u);
    EXPECT_EQ(vsock_port(1), 1002u);
    EXPECT_EQ(vsock_port(2), 1003u);
}

}  // namespace
}  // namespace kos::message
