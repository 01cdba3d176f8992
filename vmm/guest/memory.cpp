// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/guest/memory.hpp"

namespace kos {

Result<void, MemoryError> GuestMemory::add(GuestAddress start, MutableBytes host) {
    if (host.empty() || !start.plus(host.size())) return Err{MemoryError::Wrap};
    const auto at = reinterpret_cast<std::uintptr_t>(host.data());
    if (at % shared_alignment != start.value() % shared_alignment) {
        return Err{MemoryError::Unaligned};
    }
    for (const Range& range : ranges_) {
        if (ranges_overlap(start.value(), host.size(), range.start.value(), range.host.size())) {
            return Err{MemoryError::Overlap};
        }
    }
    if (!ranges_.push_back({start, host})) return Err{MemoryError::Full};
    return {};
}

std::uint64_t GuestMemory::size() const {
    std::uint64_t sum = 0;
    for (const Range& range : ranges_) sum += range.host.size();
    return sum;
}

Result<MutableBytes, MemoryError> GuestMemory::bytes(GuestAddress start, std::uint64_t size) const {
    const MutableBytes found = KOS_TRY(part(start, size));
    if (found.size() != size) return Err{MemoryError::Outside};
    return found;
}

Result<MutableBytes, MemoryError> GuestMemory::part(GuestAddress start, std::uint64_t size) const {
    for (const Range& range : ranges_) {
        if (start < range.start) continue;
        const std::uint64_t offset = start - range.start;
        if (offset >= range.host.size()) continue;
        const MutableBytes rest = range.host.subspan(offset);
        return rest.first(size < rest.size() ? size : rest.size());
    }
    return Err{MemoryError::Outside};
}

}  // namespace kos
