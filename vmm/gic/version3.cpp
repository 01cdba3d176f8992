// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/gic/version3.hpp"

namespace kos::vmm {

namespace {

constexpr std::uint64_t gicd_ctlr = 0x0000, gicd_typer = 0x0004, gicd_iidr = 0x0008,
                        gic_pidr2 = 0xffe8;
constexpr std::uint64_t gicr_iidr = 0x0004, gicr_typer = 0x0008, gicr_waker = 0x0014,
                        gicr_sgi_frame = 0x1'0000;

/// 32 (N + 1) interrupts; identifiers of 10 bits.
constexpr std::uint32_t distributor_typer = (Interrupts::count / 32 - 1) | 9u << 19;
constexpr std::uint32_t iidr = 0x43b, pidr2 = 0x3b;
/// Affinity routing, and one security state: both always.
constexpr std::uint32_t control_fixed = 1u << 4 | 1u << 6, control_enables = 3;
/// Affinity 0.0.0.0, processor 0, the last redistributor.
constexpr std::uint64_t redistributor_typer = 1u << 4;
constexpr std::uint32_t waker_processor_sleep = 1u << 1, waker_children_asleep = 1u << 2;

constexpr bool is_in(std::uint64_t offset, std::uint64_t start, std::uint64_t size) {
    return offset >= start && offset < start + size;
}

}  // namespace

std::uint8_t GicV3::distributor_byte(std::uint64_t offset) const {
    if (is_in(offset, gicd_ctlr, 4)) return byte_of(control_ | control_fixed, offset, gicd_ctlr);
    if (is_in(offset, gicd_typer, 4)) return byte_of(distributor_typer, offset, gicd_typer);
    if (is_in(offset, gicd_iidr, 4)) return byte_of(iidr, offset, gicd_iidr);
    if (is_in(offset, gic_pidr2, 4)) return byte_of(pidr2, offset, gic_pidr2);
    return shared_.read_byte(offset);
}

std::uint8_t GicV3::redistributor_byte(std::uint64_t offset) const {
    if (offset >= gicr_sgi_frame) return private_.read_byte(offset - gicr_sgi_frame);
    if (is_in(offset, gicr_iidr, 4)) return byte_of(iidr, offset, gicr_iidr);
    if (is_in(offset, gicr_typer, 8)) return byte_of(redistributor_typer, offset, gicr_typer);
    if (is_in(offset, gicr_waker, 4)) {
        const std::uint32_t waker = asleep_ ? waker_processor_sleep | waker_children_asleep : 0;
        return byte_of(waker, offset, gicr_waker);
    }
    if (is_in(offset, gic_pidr2, 4)) return byte_of(pidr2, offset, gic_pidr2);
    return 0;
}

std::uint64_t GicV3::read_distributor(std::uint64_t offset, unsigned size) const {
    return read_bytes(offset, size, [this](std::uint64_t at) { return distributor_byte(at); });
}

std::uint64_t GicV3::read_redistributor(std::uint64_t offset, unsigned size) const {
    return read_bytes(offset, size, [this](std::uint64_t at) { return redistributor_byte(at); });
}

void GicV3::write_distributor(std::uint64_t offset, unsigned size, std::uint64_t value) {
    if (offset == gicd_ctlr && size >= 4) {
        control_ = static_cast<std::uint32_t>(value) & control_enables;
        interrupts_.set_forwarding(control_ != 0);
    } else {
        write_bytes(offset, size, value,
                    [this](std::uint64_t at, std::uint8_t byte) { shared_.write_byte(at, byte); });
    }
    interrupts_.deliver();
}

void GicV3::write_redistributor(std::uint64_t offset, unsigned size, std::uint64_t value) {
    if (offset == gicr_waker && size >= 4) asleep_ = (value & waker_processor_sleep) != 0;
    if (offset < gicr_sgi_frame) return;
    write_bytes(offset - gicr_sgi_frame, size, value,
                [this](std::uint64_t at, std::uint8_t byte) { private_.write_byte(at, byte); });
    interrupts_.deliver();
}

void GicV3::send_software_interrupt(std::uint64_t value) {
    constexpr std::uint64_t to_all_others = std::uint64_t{1} << 40;
    constexpr std::uint64_t affinity = 0x00ff'00ff'00ff'0000;
    if ((value & (to_all_others | affinity)) != 0 || (value & 1) == 0) return;
    interrupts_.pend(static_cast<unsigned>(value >> 24 & 0xf));
}

void GicV3::reset() {
    control_ = 0;
    asleep_ = true;
    shared_.reset();
    private_.reset();
    interrupts_.reset();
}

}  // namespace kos::vmm
