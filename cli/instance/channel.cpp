// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/instance/channel.hpp"

#include "lib/msg/control_writer.hpp"

namespace kos::instance {

bool Channel::receive(Bytes bytes, std::vector<Request>& requests) {
    while (!bytes.empty()) {
        bytes = bytes.subspan(reader_.feed(bytes));
        for (auto event = reader_.next(); !event.empty(); event = reader_.next()) {
            if (!event.text.empty() || !event.frame) return false;
            const msg::Frame& frame = *event.frame;
            if (!msg::is_command(frame.type)) return false;
            requests.push_back(
                {frame.type, frame.app, frame.sequence, std::string{as_text(frame.payload)}});
        }
    }
    return true;
}

std::string frame_of(msg::FrameType type, std::uint8_t app, std::uint32_t sequence, Bytes payload) {
    std::string text;
    msg::put_frame(
        {[](void* to, std::string_view part) { static_cast<std::string*>(to)->append(part); },
         &text},
        type, app, sequence, payload);
    return text;
}

}  // namespace kos::instance
