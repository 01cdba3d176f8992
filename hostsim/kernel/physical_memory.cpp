// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/physical_memory.hpp"

#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <utility>

namespace kos::sim {

namespace {

/// From here on giving pages back to the host is cheaper than writing zeros.
constexpr std::uint64_t punch_hole_threshold = 64u << 10;

/// Nothing where the regions are as PhysicalMemory::create asks for.
std::optional<MemoryError> fault_in(std::span<const MemoryRegion> regions) {
    PhysicalAddress last_end;
    for (const MemoryRegion& region : regions) {
        if (!region.base.is_aligned(page_size) || !is_aligned(region.size, page_size)) {
            return MemoryError::Misaligned;
        }
        if (region.base < last_end || !region.base.plus(region.size)) return MemoryError::Overlap;
        last_end = region.end();
    }
    return std::nullopt;
}

}  // namespace

Result<PhysicalMemory, MemoryError> PhysicalMemory::create(std::span<const MemoryRegion> regions) {
    if (const auto fault = fault_in(regions)) return Err{*fault};

    PhysicalMemory memory;
    std::uint64_t total = 0;
    for (const MemoryRegion& region : regions) {
        memory.regions_.push_back(region);
        memory.offsets_.push_back(total);
        if (region.kind != MemoryKind::DeviceRegisters) total += region.size;
    }
    if (total == 0) return memory;

    memory.fd_ = sys::UniqueFd{::memfd_create("kos-physical-memory", MFD_CLOEXEC)};
    if (!memory.fd_ || ::ftruncate(memory.fd(), static_cast<off_t>(total)) != 0) {
        return Err{MemoryError::HostMemory};
    }
    void* mapping =
        ::mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, memory.fd(), 0);
    if (mapping == MAP_FAILED) return Err{MemoryError::HostMemory};
    memory.mapping_ = static_cast<std::byte*>(mapping);
    memory.mapped_bytes_ = total;
    return memory;
}

PhysicalMemory::PhysicalMemory(PhysicalMemory&& other) noexcept { *this = std::move(other); }

PhysicalMemory& PhysicalMemory::operator=(PhysicalMemory&& other) noexcept {
    if (this != &other) {
        unmap();
        regions_ = std::move(other.regions_);
        offsets_ = std::move(other.offsets_);
        fd_ = std::move(other.fd_);
        mapping_ = std::exchange(other.mapping_, nullptr);
        mapped_bytes_ = std::exchange(other.mapped_bytes_, 0);
    }
    return *this;
}

PhysicalMemory::~PhysicalMemory() { unmap(); }

void PhysicalMemory::unmap() {
    if (mapping_ != nullptr) ::munmap(mapping_, mapped_bytes_);
    mapping_ = nullptr;
}

const MemoryRegion* PhysicalMemory::region_of(PhysicalAddress address) const {
    for (const MemoryRegion& region : regions_) {
        if (region.contains(address)) return &region;
    }
    return nullptr;
}

std::optional<std::uint64_t> PhysicalMemory::file_offset(PhysicalAddress address) const {
    const MemoryRegion* region = region_of(address);
    if (region == nullptr || region->kind == MemoryKind::DeviceRegisters) return std::nullopt;
    const auto index = static_cast<std::size_t>(region - regions_.data());
    return offsets_[index] + (address - region->base);
}

MutableBytes PhysicalMemory::bytes(PhysicalAddress address, std::uint64_t size) const {
    const MemoryRegion* region = region_of(address);
    if (region == nullptr || region->kind == MemoryKind::DeviceRegisters) return {};
    const std::uint64_t offset = address - region->base;
    if (size > region->size - offset) return {};
    return {mapping_ + offsets_[static_cast<std::size_t>(region - regions_.data())] + offset, size};
}

void PhysicalMemory::zero(PhysicalAddress address, std::uint64_t size) const {
    const MutableBytes range = bytes(address, size);
    if (range.empty()) return;
    if (size >= punch_hole_threshold &&
        ::fallocate(fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                    static_cast<off_t>(range.data() - mapping_), static_cast<off_t>(size)) == 0) {
        return;
    }
    std::memset(range.data(), 0, range.size());
}

}  // namespace kos::sim
