// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Behind which port an address was last seen (IEEE 802.1D, section 7.9): a fixed number of entries,
// four for each hash; a new one takes the place of the one that was not seen for longest.
#pragma once

#include "netswitch/core/ethernet.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::netswitch {

class AddressTable {
   public:
    static constexpr std::size_t capacity = 256;
    /// After which an address that was not seen is forgotten: 802.1D's default.
    static constexpr std::uint64_t age_limit = 300'000;

    /// \p now counts milliseconds and never goes back.
    void learn(const MacAddress& address, unsigned port, std::uint64_t now);
    [[nodiscard]] std::optional<unsigned> find(const MacAddress& address, std::uint64_t now) const;
    /// All of the port's.
    void forget(unsigned port);
    [[nodiscard]] std::size_t size(std::uint64_t now) const;

   private:
    static constexpr std::size_t ways = 4, sets = capacity / ways;
    struct Entry {
        MacAddress address{};
        bool is_used = false;
        std::uint8_t port = 0;
        std::uint64_t seen = 0;
    };
    using Set = std::array<Entry, ways>;

    static std::size_t set_of(const MacAddress& address);
    [[nodiscard]] static bool holds(const Entry& entry, std::uint64_t now) {
        return entry.is_used && now - entry.seen < age_limit;
    }

    std::array<Set, sets> sets_{};
};

}  // namespace kos::netswitch
