// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The block device (VIRTIO 1.2, section 5.2): one queue in front of a disk.
#pragma once

#include "vmm/virtio/blk/disk.hpp"
#include "vmm/virtio/blk/request.hpp"
#include "vmm/virtio/device/device.hpp"

#include <array>
#include <string_view>

namespace kos::virtio {

struct BlockMetrics {
    std::uint64_t reads = 0, writes = 0, flushes = 0;
    std::uint64_t bytes_read = 0, bytes_written = 0;
    std::uint64_t errors = 0;  ///< requests that were not answered with success
};

class Block final : public Device {
   public:
    /// \p disk outlives the device; of \p serial the first 20 bytes count.
    Block(Disk& disk, std::string_view serial);

    [[nodiscard]] Features offered() const override;
    void read_config(std::uint64_t offset, MutableBytes target) const override;
    [[nodiscard]] std::string_view serial() const {
        const std::string_view all{serial_.data(), serial_.size()};
        return all.substr(0, all.find('\0'));
    }
    [[nodiscard]] const BlockMetrics& block_metrics() const { return block_metrics_; }

   private:
    Result<void, DriverError> process(unsigned index) override;
    /// Bytes that the answer has before its status, or the status that says why it has none.
    Result<std::uint64_t, BlockStatus> handle(BlockRequest& request);
    Result<std::uint64_t, BlockStatus> read(BlockRequest& request);
    Result<std::uint64_t, BlockStatus> write(BlockRequest& request);
    Result<std::uint64_t, BlockStatus> ranges(BlockRequest& request);
    [[nodiscard]] bool within(std::uint64_t sector, std::uint64_t size) const;

    Disk& disk_;
    std::array<char, serial_size> serial_{};
    std::array<Queue, 1> queues_;
    BlockMetrics block_metrics_;
};

}  // namespace kos::virtio
