// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The physical memory of a simulated machine: ranges of one memfd, so that a frame can be mapped
// into any number of arenas (VSpaces) and into host processes.
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace kos::sim {

/// What lies at a range of physical addresses.
enum class MemoryKind : std::uint8_t {
    Normal,           ///< RAM that the kernel manages: becomes normal untypeds
    OutsideRam,       ///< RAM that the kernel does not manage: becomes device untypeds
    DeviceRegisters,  ///< no RAM: device untypeds; a front end emulates every access
};

/// Page-aligned.
struct MemoryRegion {
    PhysicalAddress base;
    std::uint64_t size;  ///< bytes
    MemoryKind kind;

    [[nodiscard]] PhysicalAddress end() const { return base + size; }
    [[nodiscard]] bool contains(PhysicalAddress address) const {
        return address >= base && address - base < size;
    }
};

enum class MemoryError : std::uint8_t {
    Misaligned,  ///< a region does not start or end on a page
    Overlap,     ///< regions overlap or are not in ascending order
    HostMemory,  ///< the host gave no memfd or address space
};

class PhysicalMemory {
   public:
    /// `regions` in ascending order, not overlapping. All RAM reads as zero.
    [[nodiscard]] static Result<PhysicalMemory, MemoryError> create(
        std::span<const MemoryRegion> regions);

    PhysicalMemory(PhysicalMemory&& other) noexcept;
    PhysicalMemory& operator=(PhysicalMemory&& other) noexcept;
    ~PhysicalMemory();

    [[nodiscard]] std::span<const MemoryRegion> regions() const { return regions_; }
    [[nodiscard]] const MemoryRegion* region_of(PhysicalAddress address) const;

    /// The memfd, to be mapped MAP_SHARED.
    [[nodiscard]] int fd() const { return fd_.get(); }
    /// Where in the memfd the RAM at `address` lies; nothing where there is no RAM.
    [[nodiscard]] std::optional<std::uint64_t> file_offset(PhysicalAddress address) const;

    /// The RAM at [address, address + size), empty where not all of it is RAM of one region.
    [[nodiscard]] MutableBytes bytes(PhysicalAddress address, std::uint64_t size) const;

    /// Makes RAM read as zero; large ranges are given back to the host. No effect without RAM.
    void zero(PhysicalAddress address, std::uint64_t size) const;

   private:
    PhysicalMemory() = default;
    void unmap();

    std::vector<MemoryRegion> regions_;
    std::vector<std::uint64_t> offsets_;  // in the memfd, by region
    sys::UniqueFd fd_;
    std::byte* mapping_ = nullptr;
    std::uint64_t mapped_bytes_ = 0;
};

}  // namespace kos::sim
