// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// GICv2's distributor, GICD (Arm IHI 0048B, section 4.3), for a guest with one processor.
#pragma once

#include "vmm/gic/distributor.hpp"

namespace kos::vmm {

class GicV2 {
   public:
    static constexpr std::uint64_t distributor_size = 0x1000;

    explicit GicV2(Interrupts& interrupts)
        : interrupts_(interrupts), distributor_(interrupts, 0, Interrupts::count) {}

    /// \p offset is in [0, distributor_size), \p size 1, 2, 4 or 8.
    [[nodiscard]] std::uint64_t read(std::uint64_t offset, unsigned size) const;
    void write(std::uint64_t offset, unsigned size, std::uint64_t value);
    void reset();

   private:
    [[nodiscard]] std::uint8_t read_byte(std::uint64_t offset) const;
    void send_software_interrupt(std::uint32_t value);

    Interrupts& interrupts_;
    Distributor distributor_;
    std::uint32_t control_ = 0;
};

}  // namespace kos::vmm
