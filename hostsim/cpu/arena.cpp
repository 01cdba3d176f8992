// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/cpu/arena.hpp"

#include <algorithm>
#include <sys/mman.h>
#include <utility>

namespace kos::sim {

namespace {

/// Inaccessible addresses that cost the host nothing but the range itself.
constexpr int reservation = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

int protection_of(HostAccess access) {
    switch (access) {
        case HostAccess::None:
            return PROT_NONE;
        case HostAccess::Read:
            return PROT_READ;
        case HostAccess::ReadWrite:
            return PROT_READ | PROT_WRITE;
    }
    return PROT_NONE;
}

}  // namespace

Result<Arena, ArenaError> Arena::create() {
    void* base = ::mmap(nullptr, size, PROT_NONE, reservation, -1, 0);
    if (base == MAP_FAILED) return Err{ArenaError::HostMemory};
    return Arena{static_cast<std::byte*>(base)};
}

Arena::Arena(Arena&& other) noexcept : base_(std::exchange(other.base_, nullptr)) {}

Arena::~Arena() {
    if (base_ != nullptr) ::munmap(base_, size);
}

bool Arena::map(VirtualAddress address, FileRange range, HostAccess access) {
    if (!range_within(address.value(), range.size, size)) return false;
    void* mapped = ::mmap(base_ + address.value(), range.size, protection_of(access),
                          MAP_SHARED | MAP_FIXED, range.fd, static_cast<off_t>(range.offset));
    if (mapped != MAP_FAILED) return true;
    unmap(address, range.size);
    return false;
}

void Arena::unmap(VirtualAddress address, std::uint64_t bytes) {
    if (address.value() >= size) return;
    const std::uint64_t within = std::min(bytes, size - address.value());
    void* mapped =
        ::mmap(base_ + address.value(), within, PROT_NONE, reservation | MAP_FIXED, -1, 0);
    if (mapped == MAP_FAILED) panic("arena: the host keeps a page that its VSpace unmapped");
}

void Arena::unmap_all() { unmap(VirtualAddress{0}, size); }

}  // namespace kos::sim
