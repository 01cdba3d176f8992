// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A good command among any bytes at all: what is taken was sent as it is taken, and the command is
// taken once, at the second try where the bytes before it have swallowed it.

#include "lib/base/panic.hpp"
#include "lib/msg/command_receiver.hpp"
#include "lib/msg/control_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace kos::msg;

constexpr std::uint32_t number = 0x6b6f73;

std::string encoded(FrameType type, std::uint8_t app, std::uint32_t sequence, kos::Bytes payload) {
    std::string text;
    put_frame(
        {[](void* to, std::string_view bytes) { *static_cast<std::string*>(to) += bytes; }, &text},
        type, app, sequence, payload);
    return text;
}

/// How often command `number` is taken. `all` is what was ever fed.
unsigned times_taken(CommandReceiver& receiver, std::string_view bytes, const std::string& all) {
    unsigned taken = 0;
    while (!bytes.empty()) {
        bytes.remove_prefix(receiver.feed(kos::as_bytes(bytes)));
        for (auto event = receiver.next(); event.kind != CommandReceiver::Kind::None;
             event = receiver.next()) {
            if (event.kind != CommandReceiver::Kind::Command) continue;
            const auto& frame = event.frame;
            const auto as_sent = encoded(frame.type, frame.app, frame.sequence, frame.payload);
            if (all.find(as_sent) == std::string::npos) kos::panic("nobody sent that command");
            taken += frame.sequence == number ? 1 : 0;
        }
    }
    return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string command = encoded(FrameType::Kill, 5, number, {});
    const std::string line = std::string{reinterpret_cast<const char*>(data), size} + command;
    CommandReceiver receiver;
    const unsigned first = times_taken(receiver, line, line);
    const unsigned second = times_taken(receiver, command, line + command);
    if (first + second != 1) kos::panic("the command was not taken exactly once");
    return 0;
}
