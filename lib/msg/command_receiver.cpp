// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/msg/command_receiver.hpp"

#include <algorithm>

namespace kos::msg {

namespace {

constexpr char interrupt_key = 0x03, backspace = '\b', kill_line_key = 0x15, delete_key = 0x7f;

bool is_printable(char byte) { return byte >= ' ' && byte <= '~'; }

}  // namespace

CommandReceiver::Event CommandReceiver::next() {
    for (;;) {
        while (!text_.empty()) {
            const char byte = static_cast<char>(text_.front());
            text_ = text_.subspan(1);
            if (const Event event = take_typed(byte); event.kind != Kind::None) return event;
        }
        const ControlReader::Event event = reader_.next();
        if (event.empty()) return {};
        text_ = event.text;
        // Frames of the other direction are an echo of our own.
        if (event.frame && is_command(event.frame->type)) return take_frame(*event.frame);
    }
}

CommandReceiver::Event CommandReceiver::take_frame(const Frame& frame) {
    is_noise_told_ = false;
    // Those do no harm twice, and would push the others out.
    if (frame.type == FrameType::ToGuest) return {Kind::Command, frame, {}};
    const auto seen_end = seen_.begin() + static_cast<std::ptrdiff_t>(seen_count_);
    if (std::find(seen_.begin(), seen_end, frame.sequence) != seen_end) {
        return {Kind::Repeated, frame, {}};
    }
    seen_[oldest_] = frame.sequence;
    oldest_ = (oldest_ + 1) % remembered;
    seen_count_ = std::min(seen_count_ + 1, remembered);
    return {Kind::Command, frame, {}};
}

CommandReceiver::Event CommandReceiver::take_typed(char byte) {
    switch (byte) {
        case '\r':
        case '\n':
            return end_line();
        case interrupt_key:
        case kill_line_key:
            length_ = 0;
            is_line_spoilt_ = false;
            return {Kind::Echo, {}, "\r\n"};
        case backspace:
        case delete_key:
            if (length_ == 0) return {};
            --length_;
            return {Kind::Echo, {}, "\b \b"};
        default:
            break;
    }
    if (is_line_spoilt_) return {};
    if (!is_printable(byte) || length_ == longest_line) return noise();
    line_[length_++] = byte;
    return {Kind::Echo, {}, {&line_[length_ - 1], 1}};
}

CommandReceiver::Event CommandReceiver::noise() {
    is_line_spoilt_ = true;
    length_ = 0;
    if (is_noise_told_) return {};
    is_noise_told_ = true;
    return {Kind::Noise, {}, {}};
}

CommandReceiver::Event CommandReceiver::end_line() {
    const std::string_view line{line_.data(), length_};
    length_ = 0;
    if (is_line_spoilt_) {
        is_line_spoilt_ = false;
        return {};
    }
    // An empty one is Enter alone, or the second half of \r\n.
    if (line.empty()) return {};
    is_noise_told_ = false;
    return {Kind::Line, {}, line};
}

}  // namespace kos::msg
