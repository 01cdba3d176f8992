// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A message that a thread of an app sent, taken out of registers and IPC buffer at once: the next
// kernel call overwrites both.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/sel4/syscall.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace kos::rootserver {

class Incoming {
   public:
    explicit Incoming(const sel4::Message& message)
        : badge_(message.badge),
          label_(message.info.label()),
          length_(std::min(message.info.length(), sel4::message_max_words)) {
        for (unsigned i = 0; i < length_; ++i) {
            words_[i] =
                i < sel4::message_registers ? message.words[i] : sel4::ipc_buffer().message[i];
        }
    }

    [[nodiscard]] sel4::Word badge() const { return badge_; }
    [[nodiscard]] sel4::Word label() const { return label_; }
    /// 0 for a word that was not sent.
    [[nodiscard]] sel4::Word word(unsigned index) const {
        return index < length_ ? words_[index] : 0;
    }
    /// The bytes from word \p first on, eight a word; at most \p count and what was sent.
    [[nodiscard]] Bytes bytes(unsigned first, std::uint64_t count) const {
        if (first > length_) return {};
        const Bytes sent = std::as_bytes(std::span{words_}.subspan(first, length_ - first));
        return sent.first(std::min<std::uint64_t>(count, sent.size()));
    }

   private:
    sel4::Word badge_;
    sel4::Word label_;
    unsigned length_;
    std::array<sel4::Word, sel4::message_max_words> words_;
};

/// An answer: label 0 or a Linux errno, and results. They fit in registers.
[[nodiscard]] inline sel4::Message answer(sel4::Word label,
                                          std::initializer_list<sel4::Word> results = {}) {
    sel4::Message message;
    message.info = sel4::MessageInfo{label, 0, static_cast<unsigned>(results.size())};
    std::copy(results.begin(), results.end(), message.words.begin());
    return message;
}

}  // namespace kos::rootserver
