// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A disk that is itself a virtio-blk device, of the machine that a VMM runs on (VIRTIO 1.2,
// sections 3.1.1, 4.2.3 and 5.2). One request at a time, whose data goes through a buffer:
//
//   memory:  0x0000 descriptors | available ring | used ring | header | status      0x1000 data…
//   request: header ─► data (read or written, left out of a flush) ─► status
//
// Left out: several requests at once, several queues, indirect descriptors, event indexes, changes
// of the disk's size.
#pragma once

#include "vmm/virtio/blk/disk.hpp"
#include "vmm/virtio/blk/layout.hpp"
#include "vmm/virtio/driver/device_port.hpp"

#include <cstdint>
#include <string_view>

namespace kos::virtio {

enum class DiskProblem : std::uint8_t {
    Absent,  ///< no virtio-mmio device of version 2, or none that is a disk
    Legacy,  ///< it does not take VIRTIO_F_VERSION_1
    Reset,   ///< it does not reset, and may go on with what it was told before
    Rings,   ///< its queue cannot be used
    Serial,  ///< it is another disk
    Empty,   ///< it has no sector
};
[[nodiscard]] std::string_view describe(DiskProblem problem);

class DeviceDisk final : public Disk {
   public:
    /// The data starts a page behind the rest, and takes a page at least.
    DeviceDisk(DevicePort& port, DeviceMemory memory) : port_(port), memory_(memory) {}

    /// Resets the device and takes it into use; it must be called that.
    [[nodiscard]] Result<void, DiskProblem> start(std::string_view serial);

    [[nodiscard]] std::uint64_t sectors() const override { return sectors_; }
    [[nodiscard]] bool read_only() const override { return (features_ & blk_read_only) != 0; }

    Result<void, DiskError> read(std::uint64_t offset, WritableBuffers target) override;
    Result<void, DiskError> write(std::uint64_t offset, ReadableBuffers source) override;
    Result<void, DiskError> flush() override;
    Result<void, DiskError> discard(std::uint64_t offset, std::uint64_t size) override;
    Result<void, DiskError> write_zeroes(std::uint64_t offset, std::uint64_t size,
                                         bool may_unmap) override;

   private:
    /// Who writes a request's data.
    enum class Data : std::uint8_t { Driver, Device };

    [[nodiscard]] Result<void, DiskProblem> reset();
    [[nodiscard]] Result<void, DiskProblem> negotiate();
    [[nodiscard]] Result<void, DiskProblem> set_up_queue();
    [[nodiscard]] Result<void, DiskProblem> check(std::string_view serial);
    /// With \p size bytes of data(), which may be 0.
    Result<void, DiskError> request(BlockOperation operation, std::uint64_t sector,
                                    std::uint64_t size, Data data);
    /// Ranges of \p most sectors at most.
    Result<void, DiskError> ranges(BlockOperation operation, std::uint64_t offset,
                                   std::uint64_t size, std::uint32_t most, std::uint32_t flags);
    void make_available(unsigned head);
    /// Until the device has used the request; false where it never will.
    [[nodiscard]] bool wait_for_used();

    [[nodiscard]] MutableBytes data() const { return memory_.bytes.subspan(page_size); }
    [[nodiscard]] std::uint32_t config(std::size_t offset);

    DevicePort& port_;
    DeviceMemory memory_;
    Features features_ = 0;
    std::uint64_t sectors_ = 0;
    std::uint32_t most_discarded_ = 0, most_zeroed_ = 0;  ///< sectors of a range
    bool may_unmap_ = false;                              ///< its Write Zeroes may give storage up
    std::uint16_t requests_ = 0;
    bool is_broken_ = false;
};

}  // namespace kos::virtio
