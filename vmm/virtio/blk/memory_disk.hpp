// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A disk in memory. What is missing in its last sector reads as zero.
#pragma once

#include "vmm/virtio/blk/disk.hpp"

namespace kos::virtio {

class MemoryDisk final : public Disk {
   public:
    /// A read-only disk.
    explicit MemoryDisk(Bytes content) : content_(content) {}
    /// A read-write disk; a last part of a sector is out of the guest's reach.
    explicit MemoryDisk(MutableBytes content)
        : content_(content.first(content.size() / sector_size * sector_size)), writable_(content) {}

    [[nodiscard]] std::uint64_t sectors() const override {
        return (content_.size() + sector_size - 1) / sector_size;
    }
    [[nodiscard]] bool read_only() const override { return writable_.empty(); }

    Result<void, DiskError> read(std::uint64_t offset, WritableBuffers target) override;
    Result<void, DiskError> write(std::uint64_t offset, ReadableBuffers source) override;
    Result<void, DiskError> flush() override { return {}; }
    Result<void, DiskError> discard(std::uint64_t offset, std::uint64_t size) override;
    Result<void, DiskError> write_zeroes(std::uint64_t offset, std::uint64_t size,
                                         bool may_unmap) override;

   private:
    Bytes content_;
    MutableBytes writable_;
};

}  // namespace kos::virtio
