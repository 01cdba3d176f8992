// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/msg/control_writer.hpp"

#include "lib/base/crc32.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace kos::msg {

namespace {

void put(const ConsoleSink& sink, std::string_view bytes) { sink.put(sink.context, bytes); }

void put_hex(const ConsoleSink& sink, Bytes bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, 64> text{};
    std::size_t used = 0;
    for (const std::byte byte : bytes) {
        text[used++] = digits[static_cast<std::size_t>(byte >> 4)];
        text[used++] = digits[static_cast<std::size_t>(byte & std::byte{15})];
        if (used == text.size()) {
            put(sink, {text.data(), used});
            used = 0;
        }
    }
    if (used != 0) put(sink, {text.data(), used});
}

}  // namespace

void put_frame(const ConsoleSink& sink, FrameType type, std::uint8_t app, std::uint32_t sequence,
               Bytes payload) {
    FrameHeader header;
    header.type = static_cast<std::uint8_t>(type);
    header.app = app;
    header.length = static_cast<std::uint16_t>(payload.size());
    header.sequence = sequence;
    header.payload_crc = crc32(payload);
    header.header_crc = crc32(bytes_of(header).first(offsetof(FrameHeader, header_crc)));

    put(sink, frame_start);
    put_hex(sink, bytes_of(header));
    if (!is_visible(type)) put_hex(sink, payload);
    put(sink, frame_end);
    if (is_visible(type)) put(sink, as_text(payload));
}

void ControlWriter::write(FrameType type, std::uint8_t app, Bytes payload) {
    while (!payload.empty()) {
        const Bytes part = payload.first(std::min(payload.size(), max_payload));
        frame(type, app, part);
        payload = payload.subspan(part.size());
    }
}

void ControlWriter::status(std::uint8_t app, const StatusRecord& record, std::string_view name) {
    std::array<std::byte, sizeof(StatusRecord) + max_name> payload;
    std::memcpy(payload.data(), &record, sizeof(record));
    const std::size_t length = std::min(name.size(), max_name);
    std::memcpy(payload.data() + sizeof(record), name.data(), length);
    frame(FrameType::Status, app, Bytes{payload}.first(sizeof(record) + length));
}

void ControlWriter::acknowledged(std::uint32_t sequence, CommandResult result) {
    AckRecord record;
    record.sequence = sequence;
    record.result = static_cast<std::uint32_t>(result);
    record_frame(FrameType::Acknowledged, no_app, record);
}

}  // namespace kos::msg
