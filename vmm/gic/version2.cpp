// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/gic/version2.hpp"

namespace kos::vmm {

namespace {

constexpr std::uint64_t gicd_ctlr = 0x000, gicd_typer = 0x004, gicd_iidr = 0x008, gicd_sgir = 0xf00,
                        gicd_cpendsgir = 0xf10, gicd_spendsgir = 0xf20, gicd_spendsgir_end = 0xf30,
                        gicd_icpidr2 = 0xfe8;
/// 32 (N + 1) interrupts, one processor.
constexpr std::uint32_t typer = Interrupts::count / 32 - 1;
/// As a GIC-400 has it; architecture 2.
constexpr std::uint32_t iidr = 0x0200'043b, icpidr2 = 0x2b;
constexpr std::uint32_t control_mask = 3;

}  // namespace

std::uint8_t GicV2::read_byte(std::uint64_t offset) const {
    if (offset < gicd_typer) return byte_of(control_, offset, gicd_ctlr);
    if (offset < gicd_iidr) return byte_of(typer, offset, gicd_typer);
    if (offset < gicd_iidr + 4) return byte_of(iidr, offset, gicd_iidr);
    if (offset >= gicd_icpidr2 && offset < gicd_icpidr2 + 4) {
        return byte_of(icpidr2, offset, gicd_icpidr2);
    }
    if (offset >= gicd_cpendsgir && offset < gicd_spendsgir_end) {
        // A byte for each software interrupt: which processors sent it.
        return interrupts_.is_pending(static_cast<unsigned>(offset & 0xf)) ? 1 : 0;
    }
    return distributor_.read_byte(offset);
}

std::uint64_t GicV2::read(std::uint64_t offset, unsigned size) const {
    return read_bytes(offset, size, [this](std::uint64_t at) { return read_byte(at); });
}

void GicV2::write(std::uint64_t offset, unsigned size, std::uint64_t value) {
    if (offset == gicd_ctlr && size >= 4) {
        control_ = static_cast<std::uint32_t>(value) & control_mask;
        interrupts_.set_forwarding(control_ != 0);
    } else if (offset == gicd_sgir && size >= 4) {
        send_software_interrupt(static_cast<std::uint32_t>(value));
    } else if (offset >= gicd_cpendsgir && offset + size <= gicd_spendsgir_end) {
        write_bytes(offset, size, value, [this](std::uint64_t at, std::uint8_t processors) {
            if ((processors & 1) == 0) return;
            interrupts_.set_latched(static_cast<unsigned>(at & 0xf), at >= gicd_spendsgir);
        });
    } else {
        write_bytes(offset, size, value, [this](std::uint64_t at, std::uint8_t byte) {
            distributor_.write_byte(at, byte);
        });
    }
    interrupts_.deliver();
}

void GicV2::send_software_interrupt(std::uint32_t value) {
    constexpr std::uint32_t to_listed = 0, to_self = 2;
    const std::uint32_t filter = value >> 24 & 3;
    const bool own = filter == to_self || (filter == to_listed && (value >> 16 & 1) != 0);
    if (own) interrupts_.set_latched(value & 0xf, true);
}

void GicV2::reset() {
    control_ = 0;
    distributor_.reset();
    interrupts_.reset();
}

}  // namespace kos::vmm
