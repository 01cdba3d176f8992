// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/inprocess/arena.hpp"

#include "lib/base/panic.hpp"

#include <algorithm>
#include <sys/mman.h>

namespace kos::inprocess {

namespace {

int protection_of(const sim::Mapping& mapping) {
    if (!mapping.readable) return PROT_NONE;
    return mapping.writable ? PROT_READ | PROT_WRITE : PROT_READ;
}

void check(const void* mapped) {
    if (mapped == MAP_FAILED) panic("in process: the host has no address space for a VSpace");
}

}  // namespace

Arena::Arena(const sim::PhysicalMemory& memory) : memory_(memory) {
    void* base =
        ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    check(base);
    base_ = static_cast<std::byte*>(base);
}

Arena::~Arena() { ::munmap(base_, size); }

void Arena::map(VirtualAddress address, const sim::Mapping& mapping) {
    const std::uint64_t bytes = std::uint64_t{1} << mapping.size_bits;
    const auto offset = memory_.file_offset(mapping.physical);
    if (!offset) return unmap(address, bytes);
    check(::mmap(at(address), bytes, protection_of(mapping), MAP_SHARED | MAP_FIXED, memory_.fd(),
                 static_cast<off_t>(*offset)));
}

void Arena::unmap(VirtualAddress address, std::uint64_t bytes) {
    if (address.value() >= size) return;
    bytes = std::min(bytes, size - address.value());
    check(::mmap(at(address), bytes, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0));
}

std::byte* Arena::at(VirtualAddress address) const {
    if (address.value() >= size) panic("in process: an address beyond the arena of a VSpace");
    return base_ + address.value();
}

}  // namespace kos::inprocess
