// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What services and message servers say to each other: payloads, and the frames that carry them on
// a stream. docs/msg.md is the specification. Allocates nothing.
//
//   frame    u32 length | payload
//   payload  u16 opcode | u16 status | u32 id | body
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/little_endian.hpp"
#include "lib/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::message {

inline constexpr std::uint32_t protocol_version = 1;
inline constexpr std::size_t longest_message = 4096;
inline constexpr std::size_t longest_name = 64;

enum class Opcode : std::uint16_t {
    Hello = 0x01,
    Publish = 0x02,
    Unpublish = 0x03,
    Query = 0x04,
    Request = 0x05,
    Revoke = 0x06,
    Send = 0x07,
    OpenStream = 0x08,
    Attach = 0x09,
    // On vsock alone: lib/message/sockets.hpp
    Connect = 0x10,
    Listen = 0x11,
    Accept = 0x12,
    // Events
    Message = 0x41,
    Granted = 0x42,
    Gone = 0x43,
    Room = 0x44,
    Stream = 0x45,
    Incoming = 0x46,  ///< on vsock alone
};
/// What the answer to a request adds to its opcode.
inline constexpr std::uint16_t answer_bit = 0x80;

enum class Status : std::uint16_t {
    Ok = 0,
    Malformed = 1,
    UnknownOpcode = 2,
    Version = 3,
    Denied = 4,
    Exists = 5,
    NotFound = 6,
    Limit = 7,
    Full = 8,
    TooLong = 9,
    // On vsock alone
    Refused = 10,
    Unreachable = 11,
    InUse = 12,
    NotAvailable = 13,
};

enum class GoneReason : std::uint32_t { Revoked = 1, Ended = 2 };

/// Of a token or a ticket: random, and all that there is to it.
using Token = std::array<std::uint8_t, 16>;

struct Head {
    Le16 opcode;  // 0
    Le16 status;  // 2
    Le32 id;      // 4
};
static_assert(sizeof(Head) == 8);

inline constexpr std::size_t longest_payload = sizeof(Head) + sizeof(Token) + longest_message;
using FrameLength = Le32;

/// A request, decoded: which fields count depends on the opcode. Borrows the payload's bytes.
struct Request {
    Opcode opcode{};
    std::uint32_t id = 0;
    std::uint32_t number = 0;   ///< Hello: version; Query: the first one wanted
    Token token{};              ///< of Revoke, Send, OpenStream; Attach: the ticket
    std::string_view protocol;  ///< of Publish, Unpublish, Request
    Bytes message;              ///< of Send
};

/// Why a request was not understood; where it has a head, its answer can say so.
struct Refusal {
    std::optional<Head> head;  ///< nothing: the connection is to end
    Status status = Status::Malformed;
};

/// Whether it is a protocol's name: 1 to 64 printable characters without space.
[[nodiscard]] bool is_name(std::string_view text);

/// A request, whole and exact.
[[nodiscard]] Result<Request, Refusal> decode_request(Bytes payload);

/// Whether a frame may have a payload of that size.
[[nodiscard]] constexpr bool is_payload_size(std::uint32_t size) {
    return size >= sizeof(Head) && size <= longest_payload;
}

/// Builds one payload, at most the longest. What does not fit makes `complete()` false.
class PayloadWriter {
   public:
    PayloadWriter(Opcode opcode, std::uint32_t id);
    /// The answer to a request of \p opcode.
    static PayloadWriter answer(std::uint16_t opcode, std::uint32_t id, Status status);

    PayloadWriter& number(std::uint32_t value) { return bytes(bytes_of(Le32{value})); }
    PayloadWriter& token(const Token& token) { return bytes(bytes_of(token)); }
    /// u8 length, text.
    PayloadWriter& short_text(std::string_view text);
    PayloadWriter& bytes(Bytes bytes);

    [[nodiscard]] Bytes payload() const { return Bytes{buffer_}.first(size_); }
    [[nodiscard]] std::size_t room() const { return buffer_.size() - size_; }
    [[nodiscard]] bool complete() const { return !is_cut_; }

   private:
    std::array<std::byte, longest_payload> buffer_;
    std::size_t size_ = 0;
    bool is_cut_ = false;
};

}  // namespace kos::message
