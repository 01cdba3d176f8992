// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a client of an instance sends, as requests. Knows no descriptor.
//
//   client ──► frames of commands ──► receive() ──► requests
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/msg/control_reader.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kos::instance {

struct Request {
    msg::FrameType type{};
    std::uint8_t app = msg::no_app;
    std::uint32_t sequence = 0;
    std::string payload;
};

class Channel {
   public:
    /// Adds the requests that \p bytes complete. False where they are no frames, or frames that no
    /// client sends: there is nothing more to be understood.
    [[nodiscard]] bool receive(Bytes bytes, std::vector<Request>& requests);

   private:
    msg::ControlReader reader_;
};

/// A frame as it is sent.
[[nodiscard]] std::string frame_of(msg::FrameType type, std::uint8_t app, std::uint32_t sequence,
                                   Bytes payload);

}  // namespace kos::instance
