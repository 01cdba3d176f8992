// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What holds a disk's bytes. Offsets and sizes are in bytes, multiples of a sector, within the
// disk.
#pragma once

#include "lib/base/result.hpp"
#include "vmm/virtio/queue/buffers.hpp"

#include <cstdint>

namespace kos::virtio {

inline constexpr std::uint64_t sector_size = 512;

enum class DiskError : std::uint8_t {
    Io,           ///< the bytes could not be read or written
    Unsupported,  ///< the disk does not do this
};

class Disk {
   public:
    [[nodiscard]] virtual std::uint64_t sectors() const = 0;
    [[nodiscard]] virtual bool read_only() const = 0;

    /// Fills \p target from \p offset on.
    virtual Result<void, DiskError> read(std::uint64_t offset, WritableBuffers target) = 0;
    virtual Result<void, DiskError> write(std::uint64_t offset, ReadableBuffers source) = 0;
    /// What was written before survives a loss of power from now on.
    virtual Result<void, DiskError> flush() = 0;
    /// The bytes' values no longer matter. \p size is not 0.
    virtual Result<void, DiskError> discard(std::uint64_t offset, std::uint64_t size) = 0;
    /// The bytes read as zero from now on; \p may_unmap: their storage may be given up. \p size is
    /// not 0.
    virtual Result<void, DiskError> write_zeroes(std::uint64_t offset, std::uint64_t size,
                                                 bool may_unmap) = 0;

   protected:
    ~Disk() = default;
};

}  // namespace kos::virtio
