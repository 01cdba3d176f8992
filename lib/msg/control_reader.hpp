// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Finds the frames of the control channel (lib/msg/control.hpp) among the bytes of a console.
// Keeps one frame's worth of bytes and allocates nothing.
//
// A frame counts only where both checksums hold. What only looks like one is given out as plain
// text, so no byte of a console is ever lost; `missing()` tells of frames that never came.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/msg/control.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace kos::msg {

/// A whole frame; the payload lies in the reader and is good until its next call.
struct Frame {
    FrameType type;
    std::uint8_t app;
    std::uint32_t sequence;
    Bytes payload;
};

class ControlReader {
   public:
    /// What next() found: a frame, bytes outside of frames, or neither (feed more).
    struct Event {
        std::optional<Frame> frame;
        Bytes text;
        [[nodiscard]] bool empty() const { return !frame && text.empty(); }
    };

    /// Takes bytes in; returns how many fitted. Call next() until it is empty, then feed the rest.
    std::size_t feed(Bytes bytes);
    Event next();
    /// The line has been quiet for a while: an unfinished frame will not end. Gives its first byte
    /// out as text; call next() again, a whole frame may lie behind it.
    Event give_up();
    /// The bytes of an unfinished frame, when no more will come.
    [[nodiscard]] Bytes rest() const { return window(); }

    /// Frames that the sequence numbers say were sent and did not arrive.
    [[nodiscard]] std::uint64_t missing() const { return missing_; }

   private:
    enum class Found : std::uint8_t { Frame, NeedMore, Nothing };

    [[nodiscard]] Bytes window() const { return Bytes{buffer_}.subspan(begin_, end_ - begin_); }
    [[nodiscard]] std::size_t text_length() const;
    Found parse(Frame& frame, std::size_t& consumed);
    Event take_text(std::size_t length);

    static constexpr std::size_t header_digits = 2 * sizeof(FrameHeader);
    static constexpr std::size_t longest_frame =
        frame_start.size() + header_digits + 2 * max_payload + frame_end.size();

    std::array<std::byte, longest_frame> buffer_{};
    std::array<std::byte, max_payload> decoded_{};  ///< a hidden payload
    std::size_t begin_ = 0;                         ///< of what is not given out yet
    std::size_t end_ = 0;
    std::optional<std::uint32_t> next_sequence_;
    std::uint64_t missing_ = 0;
};

}  // namespace kos::msg
