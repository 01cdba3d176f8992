// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/msg/control_writer.hpp"

#include "lib/base/crc32.hpp"

#include <algorithm>
#include <array>

namespace kos::msg {

void ControlWriter::write(FrameType type, std::uint8_t app, Bytes payload) {
    while (!payload.empty()) {
        const Bytes part = payload.first(std::min(payload.size(), max_payload));
        frame(type, app, part);
        payload = payload.subspan(part.size());
    }
}

void ControlWriter::frame(FrameType type, std::uint8_t app, Bytes payload) {
    FrameHeader header;
    header.type = static_cast<std::uint8_t>(type);
    header.app = app;
    header.length = static_cast<std::uint16_t>(payload.size());
    header.sequence = sequence_++;
    header.payload_crc = crc32(payload);
    header.header_crc = crc32(bytes_of(header).first(offsetof(FrameHeader, header_crc)));

    put(frame_start);
    put_hex(bytes_of(header));
    if (!is_visible(type)) put_hex(payload);
    put(frame_end);
    if (is_visible(type)) put(as_text(payload));
}

void ControlWriter::put_hex(Bytes bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, 64> text{};
    std::size_t used = 0;
    for (const std::byte byte : bytes) {
        text[used++] = digits[static_cast<std::size_t>(byte >> 4)];
        text[used++] = digits[static_cast<std::size_t>(byte & std::byte{15})];
        if (used == text.size()) {
            put({text.data(), used});
            used = 0;
        }
    }
    if (used != 0) put({text.data(), used});
}

}  // namespace kos::msg
