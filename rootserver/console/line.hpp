// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A line of text of bounded length, put together without a heap. What does not fit is cut off.
#pragma once

#include "lib/msg/control_writer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kos::rootserver {

class Line {
   public:
    Line& text(std::string_view part) {
        const std::size_t taken = std::min(part.size(), capacity - size_);
        std::copy_n(part.begin(), taken, characters_.begin() + size_);
        size_ += taken;
        return *this;
    }
    Line& decimal(std::uint64_t number) { return digits(number, 10, 1); }
    /// With 0x before it; at least \p width digits.
    Line& hex(std::uint64_t number, unsigned width = 1) {
        return text("0x").digits(number, 16, width);
    }
    [[nodiscard]] std::string_view view() const { return {characters_.data(), size_}; }

    /// Writes it to the log, as a line of its own also where nobody takes the frames apart.
    void log_to(msg::ControlWriter& console, std::uint8_t app) {
        characters_[size_] = '\n';
        console.log(app, {characters_.data(), size_ + 1});
    }

    /// Likewise, as what keeps the app or the system from starting.
    void fail_to(msg::ControlWriter& console, std::uint8_t app) {
        characters_[size_] = '\n';
        console.write(msg::FrameType::Failed, app,
                      as_bytes(std::string_view{characters_.data(), size_ + 1}));
    }

   private:
    Line& digits(std::uint64_t number, unsigned base, unsigned width) {
        std::array<char, 20> reversed;
        unsigned count = 0;
        for (; number != 0 || count < std::max(width, 1u); number /= base) {
            reversed[count++] = "0123456789abcdef"[number % base];
        }
        while (count > 0) text({&reversed[--count], 1});
        return *this;
    }

    static constexpr std::size_t capacity = 319;

    std::array<char, capacity + 1> characters_;  // and a newline
    std::size_t size_ = 0;
};

}  // namespace kos::rootserver
