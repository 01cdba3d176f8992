// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One line of text for the system's log, built without a heap. What does not fit is cut off.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace kos::libos {

class Line {
   public:
    Line& text(std::string_view text) {
        const std::size_t size = std::min(text.size(), buffer_.size() - size_);
        std::copy_n(text.begin(), size, buffer_.begin() + size_);
        size_ += size;
        return *this;
    }
    Line& number(std::uint64_t value) {
        std::array<char, 20> digits;
        std::size_t start = digits.size();
        do {
            digits[--start] = static_cast<char>('0' + value % 10);
            value /= 10;
        } while (value != 0);
        return text({digits.data() + start, digits.size() - start});
    }
    [[nodiscard]] std::string_view view() const { return {buffer_.data(), size_}; }

   private:
    std::array<char, 160> buffer_{};
    std::size_t size_ = 0;
};

}  // namespace kos::libos
