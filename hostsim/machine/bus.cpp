// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/bus.hpp"

#include "hostsim/machine/memory_map.hpp"

namespace kos::sim {

namespace {

constexpr unsigned register_bytes = 4;

/// Where in the UART an access goes, if it is one that a register takes.
std::optional<std::uint64_t> uart_offset(PhysicalAddress address, unsigned bytes) {
    if (address < memory_map::uart || address - memory_map::uart >= memory_map::uart_size) {
        return std::nullopt;
    }
    if (bytes > register_bytes || !address.is_aligned(register_bytes)) return std::nullopt;
    return address - memory_map::uart;
}

/// Where in the devices for guests an access goes; aligned, as all of theirs are.
std::optional<std::uint64_t> guests_offset(PhysicalAddress address, unsigned bytes) {
    if (address < memory_map::guests || address - memory_map::guests >= memory_map::guests_size ||
        !address.is_aligned(bytes)) {
        return std::nullopt;
    }
    return address - memory_map::guests;
}

}  // namespace

std::optional<std::uint64_t> Bus::read(PhysicalAddress address, unsigned bytes) {
    if (const auto guest = guests_offset(address, bytes)) return guests_.read(*guest, bytes);
    const auto offset = uart_offset(address, bytes);
    if (!offset) return std::nullopt;
    const auto value = uart_.read(*offset);
    if (!value) return std::nullopt;
    return *value & ((std::uint64_t{1} << (8 * bytes)) - 1);
}

bool Bus::write(PhysicalAddress address, unsigned bytes, std::uint64_t value) {
    if (const auto guest = guests_offset(address, bytes)) {
        return guests_.write(*guest, bytes, value);
    }
    const auto offset = uart_offset(address, bytes);
    return offset && uart_.write(*offset, static_cast<std::uint32_t>(value));
}

}  // namespace kos::sim
