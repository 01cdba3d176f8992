// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One request to the host on a vsock connection of its own, and its answer (docs/msg.md, "Stream
// sockets"). What the connection is then, a byte stream or a listener's, is the caller's.
#pragma once

#include "kosinit/supervise/context.hpp"
#include "lib/message/wire.hpp"

#include <functional>
#include <optional>
#include <string>

namespace kos::init {

struct Answer {
    /// Limit also where the host had no stream for the request; nothing where it was not there,
    /// ended the connection, or took too long.
    std::optional<message::Status> status;
    bool is_late = false;  ///< it took too long
    std::string body;
    sys::UniqueFd stream;  ///< nothing behind the answer was read yet
};

/// The frame of a request; its opcode and body.
[[nodiscard]] std::string frame_of(message::Opcode opcode, Bytes body);

/// How long the host may take.
inline constexpr std::uint64_t answer_patience_ms = 30'000;

/// \p stream may be connecting still. \p done is called once, from the loop.
void exchange(Context& context, sys::Result<sys::UniqueFd> stream, std::string frame,
              std::function<void(Answer)> done);

/// Reads frames off a stream, no byte more than the next one has.
class FrameReader {
   public:
    enum class State { Waiting, Whole, Ended };

    /// At \p Whole, `payload` has one, until the next call.
    State read(sys::Fd stream);
    [[nodiscard]] const std::string& payload() const { return payload_; }

   private:
    std::string head_;
    std::string payload_;
    std::size_t wanted_ = 0;  ///< 0: of a frame of which the length is not known yet
};

}  // namespace kos::init
