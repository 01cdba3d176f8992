// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// GICv3's distributor, GICD, one redistributor, GICR, and software interrupts by system register
// (Arm IHI 0069, sections 12.9, 12.11 and 12.2), for a guest with one processor.
#pragma once

#include "vmm/gic/distributor.hpp"

namespace kos::vmm {

class GicV3 {
   public:
    static constexpr std::uint64_t distributor_size = 0x1'0000, redistributor_size = 0x2'0000;

    explicit GicV3(Interrupts& interrupts)
        : interrupts_(interrupts),
          shared_(interrupts, Interrupts::first_shared, Interrupts::count),
          private_(interrupts, 0, Interrupts::first_shared) {}

    /// \p offset is in [0, distributor_size), \p size 1, 2, 4 or 8; for the redistributor likewise.
    [[nodiscard]] std::uint64_t read_distributor(std::uint64_t offset, unsigned size) const;
    void write_distributor(std::uint64_t offset, unsigned size, std::uint64_t value);
    [[nodiscard]] std::uint64_t read_redistributor(std::uint64_t offset, unsigned size) const;
    void write_redistributor(std::uint64_t offset, unsigned size, std::uint64_t value);

    /// A write to ICC_SGI1R_EL1.
    void send_software_interrupt(std::uint64_t value);
    /// What ICC_SRE_EL1 reads as; it cannot be changed.
    static constexpr std::uint64_t icc_sre = 7;
    void reset();

   private:
    [[nodiscard]] std::uint8_t distributor_byte(std::uint64_t offset) const;
    [[nodiscard]] std::uint8_t redistributor_byte(std::uint64_t offset) const;

    Interrupts& interrupts_;
    Distributor shared_, private_;
    std::uint32_t control_ = 0;
    bool asleep_ = true;
};

}  // namespace kos::vmm
