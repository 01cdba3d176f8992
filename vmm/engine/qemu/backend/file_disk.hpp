// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A disk whose bytes are a file's.
#pragma once

#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"
#include "vmm/virtio/blk/disk.hpp"

#include <string>

namespace kos::qemu {

class FileDisk final : public virtio::Disk {
   public:
    /// The file's size now is the disk's; the last part of a sector is there only read-only, and
    /// reads as zero behind the file's end.
    [[nodiscard]] static sys::Result<FileDisk> open(const std::string& path, bool read_only);

    [[nodiscard]] std::uint64_t sectors() const override { return sectors_; }
    [[nodiscard]] bool read_only() const override { return read_only_; }
    Result<void, virtio::DiskError> read(std::uint64_t offset,
                                         virtio::WritableBuffers target) override;
    Result<void, virtio::DiskError> write(std::uint64_t offset,
                                          virtio::ReadableBuffers source) override;
    Result<void, virtio::DiskError> flush() override;
    Result<void, virtio::DiskError> discard(std::uint64_t offset, std::uint64_t size) override;
    Result<void, virtio::DiskError> write_zeroes(std::uint64_t offset, std::uint64_t size,
                                                 bool may_unmap) override;

   private:
    FileDisk(sys::UniqueFd file, std::uint64_t sectors, bool read_only)
        : file_(std::move(file)), sectors_(sectors), read_only_(read_only) {}

    sys::UniqueFd file_;
    std::uint64_t sectors_;
    bool read_only_;
};

}  // namespace kos::qemu
