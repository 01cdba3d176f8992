// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The far end of the board's serial line: hands bytes on in pieces, and watches for the frame with
// which the root server says that every app is gone.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/msg/control_reader.hpp"

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace kos::sim {

class Console {
   public:
    using Sink = std::function<void(Bytes)>;
    explicit Console(Sink sink);

    /// A byte came. It is handed on with the others up to the next line's end, or by flush().
    void receive(std::byte byte);
    void flush();

    /// Whether bytes were handed on since the last call.
    [[nodiscard]] bool take_handed_on() { return std::exchange(has_handed_on_, false); }
    [[nodiscard]] bool finished() const { return finished_; }

   private:
    void watch();

    Sink sink_;
    std::vector<std::byte> pending_;
    msg::ControlReader reader_;
    bool has_handed_on_ = false;
    bool finished_ = false;
};

}  // namespace kos::sim
