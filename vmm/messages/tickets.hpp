// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Tickets from the seed that the root server gave the VMM.
#pragma once

#include "lib/base/chacha20.hpp"
#include "vmm/messages/bridge.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace kos::vmm {

class SeededTickets final : public TicketSource {
   public:
    explicit SeededTickets(const std::array<std::uint8_t, 32>& seed) : seed_(seed) {}

    /// Each from a block of its own: one tells nothing of another.
    message::Token ticket() override {
        // No other use of the seed has this nonce.
        const ChaChaNonce nonce{'t', 'i', 'c', 'k', 'e', 't', 's'};
        const ChaChaBlock block = chacha20_block(seed_, drawn_++, nonce);
        message::Token token{};
        std::copy_n(block.begin(), token.size(), token.begin());
        return token;
    }

   private:
    const std::array<std::uint8_t, 32>& seed_;
    std::uint32_t drawn_ = 0;
};

}  // namespace kos::vmm
