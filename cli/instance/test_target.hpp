// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests of GuestLine: the target in its place.
#pragma once

#include "cli/instance/guest_line.hpp"
#include "lib/msg/control_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace kos::instance {

struct SentPiece {
    std::uint32_t sequence = 0;
    unsigned app = 0, stream = 0, port = 0;
    msg::StreamEvent event{};
    std::uint32_t position = 0;
    std::string data{};
};

/// The piece in a frame that is sent to the target.
inline SentPiece piece_in(std::string_view sent) {
    msg::ControlReader reader;
    EXPECT_EQ(reader.feed(as_bytes(sent)), sent.size());
    const auto event = reader.next();
    if (!event.frame || event.frame->type != msg::FrameType::ToGuest) {
        ADD_FAILURE() << "no frame to a guest";
        return {};
    }
    EXPECT_LE(event.frame->payload.size(), msg::max_to_guest);
    const auto header = read_at<msg::StreamHeader>(event.frame->payload, 0).value();
    return {event.frame->sequence,
            event.frame->app,
            header.stream,
            header.port,
            static_cast<msg::StreamEvent>(header.event),
            header.position,
            std::string{as_text(event.frame->payload.subspan(sizeof header))}};
}

/// The target's answer to the piece.
inline bool acknowledge(GuestLine& line, const SentPiece& piece, GuestLine::Clock::time_point now,
                        msg::CommandResult result = msg::CommandResult::Done) {
    msg::AckRecord record;
    record.sequence = piece.sequence;
    record.result = static_cast<std::uint32_t>(result);
    return line.acknowledged(record, now);
}

/// What the target says of a stream.
inline void tell(GuestLine& line, std::uint8_t app, unsigned stream, msg::StreamEvent event,
                 std::uint32_t position = 0, std::string_view data = {}) {
    msg::StreamHeader header;
    header.stream = static_cast<std::uint8_t>(stream);
    header.event = static_cast<std::uint8_t>(event);
    header.position = position;
    line.receive(app, as_bytes(std::string{as_text(bytes_of(header))}.append(data)));
}

}  // namespace kos::instance
