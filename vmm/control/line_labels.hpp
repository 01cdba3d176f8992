// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What several containers write, as one stream: each line begins with its container's name.
#pragma once

#include "lib/base/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace kos::vmm {

class LineLabels {
   public:
    /// Calls \p use with pieces of the stream. A line that another container interrupts is broken
    /// there.
    template <class Use>
    void write(std::string_view name, Bytes bytes, Use use) {
        name = name.substr(0, std::min(name.size(), name_.size()));
        if (is_in_line_ && name != std::string_view{name_.data(), name_size_}) {
            put("\n", use);
            is_in_line_ = false;
        }
        name_size_ = name.copy(name_.data(), name.size());
        std::string_view rest = as_text(bytes);
        while (!rest.empty()) {
            if (!is_in_line_) {
                put(name, use);
                put(" | ", use);
            }
            const std::size_t end = rest.find('\n');
            is_in_line_ = end == std::string_view::npos;
            const std::size_t size = is_in_line_ ? rest.size() : end + 1;
            put(rest.substr(0, size), use);
            rest.remove_prefix(size);
        }
        flush(use);
    }

   private:
    /// Pieces are as large as may be: each costs a call of the root server.
    template <class Use>
    void put(std::string_view text, Use& use) {
        while (!text.empty()) {
            if (used_ == buffer_.size()) flush(use);
            const std::size_t count =
                text.copy(buffer_.data() + used_, std::min(text.size(), buffer_.size() - used_));
            used_ += count;
            text.remove_prefix(count);
        }
    }
    template <class Use>
    void flush(Use& use) {
        if (used_ != 0) use(as_bytes(std::string_view{buffer_.data(), used_}));
        used_ = 0;
    }

    std::array<char, 64> name_{};
    std::size_t name_size_ = 0;
    bool is_in_line_ = false;
    std::array<char, 512> buffer_{};
    std::size_t used_ = 0;
};

}  // namespace kos::vmm
