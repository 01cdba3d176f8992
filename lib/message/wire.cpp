// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/message/wire.hpp"

#include <algorithm>
#include <cstring>

namespace kos::message {

namespace {

/// Takes the fields of a body in turn.
class Body {
   public:
    explicit Body(Bytes bytes) : rest_(bytes) {}

    template <class T>
    T take() {
        const auto value = read_at<T>(rest_, 0);
        if (!value) {
            is_short_ = true;
            return T{};
        }
        rest_ = rest_.subspan(sizeof(T));
        return *value;
    }
    Bytes take_rest() {
        const Bytes rest = rest_;
        rest_ = {};
        return rest;
    }
    [[nodiscard]] bool is_exact() const { return !is_short_ && rest_.empty(); }

   private:
    Bytes rest_;
    bool is_short_ = false;
};

}  // namespace

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_name &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Result<Request, Refusal> decode_request(Bytes payload) {
    const auto head = read_at<Head>(payload, 0);
    if (!head) return Err{Refusal{std::nullopt, Status::Malformed}};
    Request request;
    request.opcode = static_cast<Opcode>(std::uint16_t{head->opcode});
    request.id = head->id;
    Body body{payload.subspan(sizeof(Head))};
    switch (request.opcode) {
        case Opcode::Hello:
        case Opcode::Query:
            request.number = body.take<Le32>();
            break;
        case Opcode::Publish:
        case Opcode::Unpublish:
        case Opcode::Request:
            request.protocol = as_text(body.take_rest());
            if (!is_name(request.protocol)) return Err{Refusal{head, Status::Malformed}};
            break;
        case Opcode::Revoke:
        case Opcode::OpenStream:
        case Opcode::Attach:
            request.token = body.take<Token>();
            break;
        case Opcode::Send:
            request.token = body.take<Token>();
            request.message = body.take_rest();
            if (request.message.size() > longest_message) {
                return Err{Refusal{head, Status::TooLong}};
            }
            break;
        default:
            return Err{Refusal{head, Status::UnknownOpcode}};
    }
    if (head->status != 0 || !body.is_exact()) return Err{Refusal{head, Status::Malformed}};
    return request;
}

PayloadWriter::PayloadWriter(Opcode opcode, std::uint32_t id) {
    bytes(bytes_of(Head{static_cast<std::uint16_t>(opcode), std::uint16_t{0}, id}));
}

PayloadWriter PayloadWriter::answer(std::uint16_t opcode, std::uint32_t id, Status status) {
    PayloadWriter writer{static_cast<Opcode>(opcode | answer_bit), id};
    const Le16 field{static_cast<std::uint16_t>(status)};
    std::memcpy(writer.buffer_.data() + offsetof(Head, status), &field, sizeof field);
    return writer;
}

PayloadWriter& PayloadWriter::short_text(std::string_view text) {
    const auto length = static_cast<std::uint8_t>(std::min<std::size_t>(text.size(), 255));
    bytes(bytes_of(length));
    return bytes(as_bytes(text.substr(0, length)));
}

PayloadWriter& PayloadWriter::bytes(Bytes bytes) {
    if (bytes.size() > room()) {
        is_cut_ = true;
        return *this;
    }
    std::copy(bytes.begin(), bytes.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += bytes.size();
    return *this;
}

}  // namespace kos::message
