// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/console.hpp"

#include <utility>

namespace kos::sim {

namespace {

/// Bytes that are handed on although no line has ended.
constexpr std::size_t longest_piece = 4096;

}  // namespace

Console::Console(Sink sink) : sink_(std::move(sink)) {}

void Console::receive(std::byte byte) {
    pending_.push_back(byte);
    // A frame ends with a backslash (ECMA-48 string terminator) or its visible payload.
    const bool ends_piece = byte == std::byte{'\n'} || byte == std::byte{'\\'};
    if (ends_piece || pending_.size() >= longest_piece) flush();
}

void Console::flush() {
    if (pending_.empty()) return;
    watch();
    if (sink_) sink_(pending_);
    pending_.clear();
    has_handed_on_ = true;
}

void Console::watch() {
    Bytes rest = pending_;
    while (!rest.empty()) {
        rest = rest.subspan(reader_.feed(rest));
        for (auto event = reader_.next(); !event.empty(); event = reader_.next()) {
            if (event.frame && event.frame->type == msg::FrameType::Finished) finished_ = true;
        }
    }
}

}  // namespace kos::sim
