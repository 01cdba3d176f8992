// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/message/wire.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kos::message {
namespace {

TEST(MessageWireTest, ARequestIsReadAsItWasWritten) {
    Token token{};
    token[0] = 1;
    token[15] = 2;
    PayloadWriter writer{Opcode::Send, 7};
    const std::string message(longest_message, 'm');
    writer.token(token).bytes(as_bytes(message));
    ASSERT_TRUE(writer.complete());
    EXPECT_EQ(writer.payload().size(), longest_payload);
    const auto request = decode_request(writer.payload());
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->opcode, Opcode::Send);
    EXPECT_EQ(request->id, 7u);
    EXPECT_EQ(request->token, token);
    EXPECT_EQ(as_text(request->message), message);
}

TEST(MessageWireTest, AnAnswerCarriesItsRequestsNumberAndAStatus) {
    const auto writer = PayloadWriter::answer(0x05, 9, Status::NotFound);
    const auto head = read_at<Head>(writer.payload(), 0);
    EXPECT_EQ(head->opcode, 0x85);
    EXPECT_EQ(head->status, 6);
    EXPECT_EQ(head->id, 9u);
}

TEST(MessageWireTest, WhatDoesNotFitIsNotWritten) {
    PayloadWriter writer{Opcode::Send, 0};
    writer.bytes(as_bytes(std::string(longest_payload, 'x')));
    EXPECT_FALSE(writer.complete());
    EXPECT_EQ(writer.payload().size(), sizeof(Head));
}

TEST(MessageWireTest, NamesArePrintableAndShort) {
    EXPECT_TRUE(is_name("sensors/temperature.v1"));
    for (const std::string& name : {std::string{}, std::string{"two words"}, std::string{"tab\t"},
                                    std::string(65, 'x'), std::string{"\xc3\xa9"}}) {
        EXPECT_FALSE(is_name(name));
    }
    EXPECT_TRUE(is_name(std::string(64, 'x')));
}

TEST(MessageWireTest, EveryCutOfARequestIsRefused) {
    PayloadWriter writer{Opcode::Revoke, 3};
    writer.token({});
    for (std::size_t size = 0; size < writer.payload().size(); ++size) {
        const auto request = decode_request(writer.payload().first(size));
        ASSERT_FALSE(request.ok());
        EXPECT_EQ(request.error().status, Status::Malformed);
        EXPECT_EQ(request.error().head.has_value(), size >= sizeof(Head));
    }
}

}  // namespace
}  // namespace kos::message
