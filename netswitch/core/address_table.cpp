// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "netswitch/core/address_table.hpp"

namespace kos::netswitch {

std::size_t AddressTable::set_of(const MacAddress& address) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : address) value = value << 8 | byte;
    // Fibonacci hashing: the upper bits of the product depend on all of the address.
    return static_cast<std::size_t>(value * 0x9e37'79b9'7f4a'7c15 >> 58) % sets;
}

void AddressTable::learn(const MacAddress& address, unsigned port, std::uint64_t now) {
    Set& set = sets_[set_of(address)];
    Entry* place = &set[0];
    for (Entry& entry : set) {
        if (entry.is_used && entry.address == address) {
            place = &entry;
            break;
        }
        if (!entry.is_used || (place->is_used && entry.seen < place->seen)) place = &entry;
    }
    *place = {address, true, static_cast<std::uint8_t>(port), now};
}

std::optional<unsigned> AddressTable::find(const MacAddress& address, std::uint64_t now) const {
    for (const Entry& entry : sets_[set_of(address)]) {
        if (holds(entry, now) && entry.address == address) return entry.port;
    }
    return std::nullopt;
}

void AddressTable::forget(unsigned port) {
    for (Set& set : sets_) {
        for (Entry& entry : set) {
            if (entry.port == port) entry.is_used = false;
        }
    }
}

std::size_t AddressTable::size(std::uint64_t now) const {
    std::size_t count = 0;
    for (const Set& set : sets_) {
        for (const Entry& entry : set) count += holds(entry, now) ? 1 : 0;
    }
    return count;
}

}  // namespace kos::netswitch
