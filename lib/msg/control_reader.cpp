// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/msg/control_reader.hpp"

#include "lib/base/crc32.hpp"

#include <algorithm>
#include <cstring>

namespace kos::msg {
namespace {

std::optional<unsigned> digit_value(char digit) {
    if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
    if (digit >= 'a' && digit <= 'f') return static_cast<unsigned>(digit - 'a' + 10);
    return std::nullopt;
}

/// Decodes as many digits as `out` has bytes for; false where a character is no digit.
bool decode_hex(std::string_view digits, MutableBytes out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto high = digit_value(digits[2 * i]);
        const auto low = digit_value(digits[2 * i + 1]);
        if (!high || !low) return false;
        out[i] = static_cast<std::byte>(*high << 4 | *low);
    }
    return true;
}

/// Whether what there is of the digits can become ones: a frame that was cut short ends here.
bool may_be_hex(std::string_view digits) {
    return std::all_of(digits.begin(), digits.end(),
                       [](char digit) { return digit_value(digit).has_value(); });
}

/// The header in `digits`, where it is one.
std::optional<FrameHeader> parse_header(std::string_view digits) {
    std::array<std::byte, sizeof(FrameHeader)> raw{};
    if (!decode_hex(digits, raw)) return std::nullopt;
    const auto header = read_at<FrameHeader>(raw, 0);
    const std::uint32_t crc = crc32(Bytes{raw}.first(offsetof(FrameHeader, header_crc)));
    if (!header || header->header_crc != crc) return std::nullopt;
    if (!is_known(header->type) || header->length > max_payload) return std::nullopt;
    return header;
}

}  // namespace

std::size_t ControlReader::feed(Bytes bytes) {
    if (begin_ != 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    const std::size_t taken = std::min(bytes.size(), buffer_.size() - end_);
    std::copy_n(bytes.begin(), taken, buffer_.begin() + static_cast<std::ptrdiff_t>(end_));
    end_ += taken;
    return taken;
}

ControlReader::Event ControlReader::next() {
    if (const std::size_t length = text_length(); length != 0) return take_text(length);
    Frame frame{};
    std::size_t consumed = 0;
    switch (parse(frame, consumed)) {
        case Found::NeedMore:
            return {};
        case Found::Nothing:
            return take_text(1);
        case Found::Frame:
            break;
    }
    if (next_sequence_) missing_ += frame.sequence - *next_sequence_;
    next_sequence_ = frame.sequence + 1;
    begin_ += consumed;
    return {.frame = frame, .text = {}};
}

ControlReader::Event ControlReader::give_up() {
    if (begin_ == end_) return {};
    return take_text(1);
}

/// Bytes before the first one that could begin a frame.
std::size_t ControlReader::text_length() const {
    const std::size_t start = as_text(window()).find(frame_start.front());
    return start == std::string_view::npos ? end_ - begin_ : start;
}

ControlReader::Event ControlReader::take_text(std::size_t length) {
    const Bytes text = window().first(length);
    begin_ += length;
    return {.frame = std::nullopt, .text = text};
}

ControlReader::Found ControlReader::parse(Frame& frame, std::size_t& consumed) {
    const std::string_view text = as_text(window());
    if (text.empty()) return Found::NeedMore;
    if (!text.starts_with(frame_start.substr(0, text.size()))) return Found::Nothing;
    if (text.size() < frame_start.size() + header_digits) {
        const bool may_go_on = may_be_hex(text.substr(std::min(text.size(), frame_start.size())));
        return may_go_on ? Found::NeedMore : Found::Nothing;
    }
    const auto header = parse_header(text.substr(frame_start.size(), header_digits));
    if (!header) return Found::Nothing;

    const auto type = static_cast<FrameType>(header->type);
    const std::size_t hidden = is_visible(type) ? 0 : 2 * std::size_t{header->length};
    const std::size_t visible = is_visible(type) ? std::size_t{header->length} : 0;
    const std::size_t payload_at = frame_start.size() + header_digits;
    const std::size_t end_at = payload_at + hidden;
    consumed = end_at + frame_end.size() + visible;
    if (!may_be_hex(text.substr(payload_at, hidden))) return Found::Nothing;
    if (text.size() < consumed) return Found::NeedMore;
    if (text.substr(end_at, frame_end.size()) != frame_end) return Found::Nothing;

    Bytes payload = window().subspan(end_at + frame_end.size(), visible);
    if (hidden != 0) {
        const MutableBytes out = MutableBytes{decoded_}.first(header->length);
        if (!decode_hex(text.substr(payload_at, hidden), out)) return Found::Nothing;
        payload = out;
    }
    if (crc32(payload) != header->payload_crc) return Found::Nothing;
    frame = {type, header->app, header->sequence, payload};
    return Found::Frame;
}

}  // namespace kos::msg
