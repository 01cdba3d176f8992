// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/blk/memory_disk.hpp"

namespace kos::virtio {

Result<void, DiskError> MemoryDisk::read(std::uint64_t offset, WritableBuffers target) {
    if (offset > content_.size()) return Err{DiskError::Io};
    target.write(content_.subspan(offset));
    target.fill_zero(target.size());
    return {};
}

Result<void, DiskError> MemoryDisk::write(std::uint64_t offset, ReadableBuffers source) {
    if (!range_within(offset, source.size(), writable_.size())) return Err{DiskError::Io};
    source.read(writable_.subspan(offset));
    return {};
}

Result<void, DiskError> MemoryDisk::discard(std::uint64_t offset, std::uint64_t size) {
    return write_zeroes(offset, size, true);
}

Result<void, DiskError> MemoryDisk::write_zeroes(std::uint64_t offset, std::uint64_t size,
                                                 bool /*may_unmap*/) {
    if (!range_within(offset, size, writable_.size())) return Err{DiskError::Io};
    const MutableBytes range = writable_.subspan(offset, size);
    if (!range.empty()) std::memset(range.data(), 0, range.size());
    return {};
}

}  // namespace kos::virtio
