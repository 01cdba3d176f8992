// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/blk/block.hpp"

namespace kos::virtio {

namespace {

constexpr std::uint16_t queue_size = 256;
/// A chain has room for a header and a status besides.
constexpr std::uint32_t max_segments = Chain::max_parts - 6;
constexpr std::uint32_t max_ranges = 16;
constexpr std::uint32_t max_range_sectors = (1u << 30) / sector_size;

BlockStatus status_of(DiskError error) {
    return error == DiskError::Unsupported ? BlockStatus::Unsupported : BlockStatus::IoError;
}

Result<std::uint64_t, BlockStatus> answer(const Result<void, DiskError>& done,
                                          std::uint64_t bytes) {
    if (!done) return Err{status_of(done.error())};
    return bytes;
}

}  // namespace

Block::Block(Disk& disk, std::string_view serial)
    : Device(DeviceType::Block, queues_, queue_size), disk_(disk) {
    serial = serial.substr(0, serial_size);
    std::memcpy(serial_.data(), serial.data(), serial.size());
}

Features Block::offered() const {
    const Features always = blk_seg_max | blk_block_size | blk_flush;
    return always | (disk_.read_only() ? blk_read_only : blk_discard | blk_write_zeroes);
}

void Block::read_config(std::uint64_t offset, MutableBytes target) const {
    BlockConfig config;
    config.capacity = disk_.sectors();
    config.seg_max = max_segments;
    config.block_size = static_cast<std::uint32_t>(sector_size);
    config.num_queues = std::uint16_t{1};
    if (!disk_.read_only()) {
        config.max_discard_sectors = config.max_write_zeroes_sectors = max_range_sectors;
        config.max_discard_seg = config.max_write_zeroes_seg = max_ranges;
        config.discard_sector_alignment = 1u;
        config.write_zeroes_may_unmap = 1;
    }
    read_config_of(bytes_of(config), offset, target);
}

Result<void, DriverError> Block::process(unsigned index) {
    return drain(index, [this, index](Chain& chain) -> Result<void, DriverError> {
        BlockRequest request = KOS_TRY(BlockRequest::create(chain));
        const auto handled = handle(request);
        const BlockStatus status = handled ? BlockStatus::Ok : handled.error();
        // The used length says how many bytes from the start are written: all, where the status
        // behind them is.
        const std::uint64_t written = chain.writable().size();
        if (handled && handled.value() < request.target.size()) {
            request.target.skip(handled.value());
            request.target.fill_zero(request.target.size());
        }
        block_metrics_.errors += handled ? 0 : 1;
        (void)request.status.write_value(status);
        own_queue(index).push(chain, written);
        // The driver may go on with it while the next request takes its time.
        interrupt(index);
        return {};
    });
}

Result<std::uint64_t, BlockStatus> Block::handle(BlockRequest& request) {
    switch (request.operation) {
        case BlockOperation::Read:
            return read(request);
        case BlockOperation::Write:
            return write(request);
        case BlockOperation::Flush:
            ++block_metrics_.flushes;
            return answer(disk_.flush(), 0);
        case BlockOperation::GetId: {
            WritableBuffers target = request.target;
            return target.write(std::as_bytes(std::span{serial_}));
        }
        case BlockOperation::Discard:
        case BlockOperation::WriteZeroes:
            return ranges(request);
    }
    return Err{BlockStatus::Unsupported};
}

Result<std::uint64_t, BlockStatus> Block::read(BlockRequest& request) {
    const std::uint64_t size = request.target.size();
    if (!within(request.sector, size)) return Err{BlockStatus::IoError};
    ++block_metrics_.reads;
    block_metrics_.bytes_read += size;
    return answer(disk_.read(request.sector * sector_size, request.target), size);
}

Result<std::uint64_t, BlockStatus> Block::write(BlockRequest& request) {
    const std::uint64_t size = request.source.size();
    if (disk_.read_only() || !within(request.sector, size)) return Err{BlockStatus::IoError};
    ++block_metrics_.writes;
    block_metrics_.bytes_written += size;
    return answer(disk_.write(request.sector * sector_size, request.source), 0);
}

Result<std::uint64_t, BlockStatus> Block::ranges(BlockRequest& request) {
    if (disk_.read_only()) return Err{BlockStatus::IoError};
    const std::uint64_t size = request.source.size();
    if (size == 0 || size % sizeof(BlockRange) != 0 || size / sizeof(BlockRange) > max_ranges) {
        return Err{BlockStatus::IoError};
    }
    const bool zeroes = request.operation == BlockOperation::WriteZeroes;
    while (const auto range = request.source.read<BlockRange>()) {
        // Section 5.2.6.2: other flags, and unmap in a discard, are not supported.
        const std::uint32_t flags = range->flags;
        if ((flags & ~(zeroes ? range_unmap : 0)) != 0) return Err{BlockStatus::Unsupported};
        const std::uint64_t bytes = std::uint64_t{range->sectors} * sector_size;
        if (range->sectors > max_range_sectors || !within(range->sector, bytes)) {
            return Err{BlockStatus::IoError};
        }
        if (bytes == 0) continue;
        const std::uint64_t offset = range->sector * sector_size;
        const auto done = zeroes ? disk_.write_zeroes(offset, bytes, (flags & range_unmap) != 0)
                                 : disk_.discard(offset, bytes);
        if (!done) return Err{status_of(done.error())};
    }
    return std::uint64_t{0};
}

bool Block::within(std::uint64_t sector, std::uint64_t size) const {
    return size % sector_size == 0 && range_within(sector, size / sector_size, disk_.sectors());
}

}  // namespace kos::virtio
