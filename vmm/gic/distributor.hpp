// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Registers with a bit, two bits or a byte for each interrupt, which GICv2's distributor, GICv3's
// and its redistributor's SGI frame have in common (Arm IHI 0048 and 0069).
#pragma once

#include "vmm/gic/interrupts.hpp"

namespace kos::vmm {

/// A register access of \p size bytes becomes one of each byte.
template <class ReadByte>
[[nodiscard]] std::uint64_t read_bytes(std::uint64_t offset, unsigned size, ReadByte read_byte) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < size; ++i) {
        value |= std::uint64_t{read_byte(offset + i)} << (8 * i);
    }
    return value;
}
template <class WriteByte>
void write_bytes(std::uint64_t offset, unsigned size, std::uint64_t value, WriteByte write_byte) {
    for (unsigned i = 0; i < size; ++i) {
        write_byte(offset + i, static_cast<std::uint8_t>(value >> (8 * i)));
    }
}
/// Byte \p offset of a register \p word that starts at \p start.
[[nodiscard]] constexpr std::uint8_t byte_of(std::uint64_t word, std::uint64_t offset,
                                             std::uint64_t start) {
    return static_cast<std::uint8_t>(word >> (8 * (offset - start)));
}

class Distributor {
   public:
    /// Serves interrupts [first, end); the registers of others read as zero and take nothing.
    Distributor(Interrupts& interrupts, unsigned first, unsigned end)
        : interrupts_(interrupts), first_(first), end_(end) {}

    /// GICD_IGROUPR to GICD_ICFGR: offsets 0x80 to 0xcff.
    [[nodiscard]] std::uint8_t read_byte(std::uint64_t offset) const;
    void write_byte(std::uint64_t offset, std::uint8_t value);
    void reset();

   private:
    [[nodiscard]] bool serves(unsigned interrupt) const {
        return interrupt >= first_ && interrupt < end_;
    }
    template <class Test>
    [[nodiscard]] std::uint8_t bits(unsigned first, Test test) const;
    template <class Apply>
    void each_bit(unsigned first, std::uint8_t value, Apply apply);

    Interrupts& interrupts_;
    unsigned first_, end_;
    // Only kept for the guest to read back.
    std::bitset<Interrupts::count> group_;
    std::array<std::uint8_t, Interrupts::count> target_{};
    std::array<std::uint8_t, Interrupts::count / 4> configuration_{};
};

}  // namespace kos::vmm
