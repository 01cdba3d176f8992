// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The target's ear on the control channel: takes command frames and lines that a person types out
// of whatever comes over the line, and carries nothing out by itself. Allocates nothing.
//
// A frame counts only where both checksums hold, and only once: what is sent again under the same
// number is handed out as a repetition, for its acknowledgement was lost (what is for a guest
// numbers itself, and is handed out each time). A typed line counts only
// where every byte of it can be typed; the echo lets a person check it before Enter. Anything else
// is noise, which is told once until something that counts comes: it cannot flood the log.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/msg/control_reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kos::msg {

class CommandReceiver {
   public:
    enum class Kind : std::uint8_t {
        None,      ///< feed more
        Command,   ///< `frame`
        Repeated,  ///< `frame` was handed out before
        Line,      ///< `text`: a typed line, without its end
        Echo,      ///< `text`: to be sent back to whoever types
        Noise,     ///< something that is neither
    };
    struct Event {
        Kind kind = Kind::None;
        Frame frame{};
        std::string_view text;
    };

    /// Longer lines are noise.
    static constexpr std::size_t longest_line = 100;
    /// Commands whose numbers it remembers, to tell repetitions.
    static constexpr std::size_t remembered = 8;

    /// Takes bytes in; returns how many fitted. Call next() until it gives None, then feed the
    /// rest.
    std::size_t feed(Bytes bytes) { return reader_.feed(bytes); }
    /// What an event refers to is good until the next call.
    Event next();

   private:
    Event take_frame(const Frame& frame);
    Event take_typed(char byte);
    Event noise();
    Event end_line();

    ControlReader reader_;
    Bytes text_;  ///< outside of frames, of the reader's last event
    std::array<char, longest_line> line_{};
    std::size_t length_ = 0;
    bool is_line_spoilt_ = false;
    bool is_noise_told_ = false;
    std::array<std::uint32_t, remembered> seen_{};  ///< numbers of the last commands, a ring
    std::size_t seen_count_ = 0;
    std::size_t oldest_ = 0;
};

}  // namespace kos::msg
