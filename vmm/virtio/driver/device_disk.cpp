// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/driver/device_disk.hpp"

#include "vmm/virtio/queue/layout.hpp"
#include "vmm/virtio/transport/registers.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>

namespace kos::virtio {

namespace {

/// The least power of two that holds a request's descriptors.
constexpr std::uint16_t queue_size = 4;

// Places in the memory.
constexpr std::uint64_t descriptors_at = 0;
constexpr std::uint64_t available_at = 0x40;
constexpr std::uint64_t used_at = 0x80;
constexpr std::uint64_t header_at = 0xc0;
constexpr std::uint64_t status_at = 0xd0;
static_assert(available_at >= descriptor_table_size(queue_size) &&
              used_at >= available_at + available_ring_size(queue_size) &&
              header_at >= used_at + used_ring_size(queue_size));

/// Of the status, each of which takes a device's time.
constexpr unsigned max_reset_reads = 100'000;

/// What a device writes there before it is done would be one of these.
constexpr auto no_status = std::byte{0xff};

constexpr std::uint32_t low_half(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
constexpr std::uint32_t high_half(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32);
}

template <class T>
void put(MutableBytes memory, std::uint64_t offset, const T& value) {
    std::memcpy(memory.data() + offset, &value, sizeof(T));
}

/// What the device may be writing at the same time.
std::uint16_t load_used_index(MutableBytes memory) {
    const auto* const index = reinterpret_cast<const volatile std::uint16_t*>(
        memory.data() + used_at + ring_index_offset);
    const std::uint16_t value = *index;
    std::atomic_thread_fence(std::memory_order_acquire);
    return value;
}

class Registers {
   public:
    explicit Registers(DevicePort& port) : port_(port) {}

    [[nodiscard]] std::uint32_t get(Register name) const {
        return port_.read(static_cast<std::uint32_t>(name));
    }
    void set(Register name, std::uint32_t value) const {
        port_.write(static_cast<std::uint32_t>(name), value);
    }
    void set_address(Register low, Register high, std::uint64_t address) const {
        set(low, low_half(address));
        set(high, high_half(address));
    }
    void add_status(std::uint32_t bits) const {
        set(Register::Status, get(Register::Status) | bits);
    }

   private:
    DevicePort& port_;
};

}  // namespace

std::string_view describe(DiskProblem problem) {
    switch (problem) {
        case DiskProblem::Absent:
            return "the machine has no such disk";
        case DiskProblem::Legacy:
            return "its disk does not speak VIRTIO 1";
        case DiskProblem::Reset:
            return "its disk does not reset";
        case DiskProblem::Rings:
            return "its disk takes no requests";
        case DiskProblem::Serial:
            return "its disk has another serial";
        case DiskProblem::Empty:
            return "its disk is empty";
    }
    return "unknown";
}

Result<void, DiskProblem> DeviceDisk::start(std::string_view serial) {
    const Registers registers{port_};
    if (registers.get(Register::MagicValue) != magic_value ||
        registers.get(Register::Version) != mmio_version ||
        registers.get(Register::DeviceId) != static_cast<std::uint32_t>(DeviceType::Block)) {
        return Err{DiskProblem::Absent};
    }
    KOS_TRY(reset());
    // An interrupt of whoever had the device before is nobody's.
    port_.rearm();
    registers.add_status(status_acknowledge | status_driver);
    KOS_TRY(negotiate());
    KOS_TRY(set_up_queue());
    registers.add_status(status_driver_ok);
    return check(serial);
}

/// Until then the memory may be the device's (VIRTIO 1.2, section 4.2.3.1).
Result<void, DiskProblem> DeviceDisk::reset() {
    const Registers registers{port_};
    registers.set(Register::Status, 0);
    for (unsigned reads = 0; reads < max_reset_reads; ++reads) {
        if (registers.get(Register::Status) == 0) return {};
    }
    return Err{DiskProblem::Reset};
}

Result<void, DiskProblem> DeviceDisk::negotiate() {
    const Registers registers{port_};
    registers.set(Register::DeviceFeaturesSel, 1);
    const Features high = registers.get(Register::DeviceFeatures);
    registers.set(Register::DeviceFeaturesSel, 0);
    const Features offered = high << 32 | registers.get(Register::DeviceFeatures);
    features_ =
        offered & (feature_version_1 | blk_read_only | blk_flush | blk_discard | blk_write_zeroes);
    registers.set(Register::DriverFeaturesSel, 0);
    registers.set(Register::DriverFeatures, low_half(features_));
    registers.set(Register::DriverFeaturesSel, 1);
    registers.set(Register::DriverFeatures, high_half(features_));
    registers.add_status(status_features_ok);
    if ((features_ & feature_version_1) == 0 ||
        (registers.get(Register::Status) & status_features_ok) == 0) {
        return Err{DiskProblem::Legacy};
    }
    return {};
}

Result<void, DiskProblem> DeviceDisk::set_up_queue() {
    const Registers registers{port_};
    std::memset(memory_.bytes.data(), 0, page_size);
    requests_ = 0;
    is_broken_ = false;
    registers.set(Register::QueueSel, 0);
    if (registers.get(Register::QueueReady) != 0 ||
        registers.get(Register::QueueNumMax) < queue_size) {
        return Err{DiskProblem::Rings};
    }
    registers.set(Register::QueueNum, queue_size);
    const auto at = [this](std::uint64_t offset) { return memory_.address + offset; };
    registers.set_address(Register::QueueDescLow, Register::QueueDescHigh, at(descriptors_at));
    registers.set_address(Register::QueueDriverLow, Register::QueueDriverHigh, at(available_at));
    registers.set_address(Register::QueueDeviceLow, Register::QueueDeviceHigh, at(used_at));
    registers.set(Register::QueueReady, 1);
    if (registers.get(Register::QueueReady) != 1) return Err{DiskProblem::Rings};
    return {};
}

Result<void, DiskProblem> DeviceDisk::check(std::string_view serial) {
    if (!request(BlockOperation::GetId, 0, serial_size, Data::Device)) {
        return Err{DiskProblem::Serial};
    }
    const std::string_view answer = as_text(Bytes{data()}.first(serial_size));
    if (answer.substr(0, answer.find('\0')) != serial.substr(0, serial_size)) {
        return Err{DiskProblem::Serial};
    }
    sectors_ = std::uint64_t{config(offsetof(BlockConfig, capacity) + 4)} << 32 |
               config(offsetof(BlockConfig, capacity));
    most_discarded_ = config(offsetof(BlockConfig, max_discard_sectors));
    most_zeroed_ = config(offsetof(BlockConfig, max_write_zeroes_sectors));
    may_unmap_ = (config(offsetof(BlockConfig, write_zeroes_may_unmap)) & 0xff) != 0;
    if (most_discarded_ == 0) features_ &= ~blk_discard;
    if (most_zeroed_ == 0) features_ &= ~blk_write_zeroes;
    if (sectors_ == 0) return Err{DiskProblem::Empty};
    return {};
}

std::uint32_t DeviceDisk::config(std::size_t offset) {
    return port_.read(static_cast<std::uint32_t>(config_offset + offset));
}

Result<void, DiskError> DeviceDisk::read(std::uint64_t offset, WritableBuffers target) {
    while (!target.empty()) {
        const std::uint64_t size = std::min<std::uint64_t>(target.size(), data().size());
        KOS_TRY(request(BlockOperation::Read, offset / sector_size, size, Data::Device));
        target.write(data().first(static_cast<std::size_t>(size)));
        offset += size;
    }
    return {};
}

Result<void, DiskError> DeviceDisk::write(std::uint64_t offset, ReadableBuffers source) {
    while (!source.empty()) {
        const std::uint64_t size = source.read(data());
        KOS_TRY(request(BlockOperation::Write, offset / sector_size, size, Data::Driver));
        offset += size;
    }
    return {};
}

Result<void, DiskError> DeviceDisk::flush() {
    // A device that does not offer it has nothing that a loss of power takes away.
    if ((features_ & blk_flush) == 0) return {};
    return request(BlockOperation::Flush, 0, 0, Data::Driver);
}

Result<void, DiskError> DeviceDisk::discard(std::uint64_t offset, std::uint64_t size) {
    // Keeping the bytes is as good.
    if ((features_ & blk_discard) == 0) return {};
    return ranges(BlockOperation::Discard, offset, size, most_discarded_, 0);
}

Result<void, DiskError> DeviceDisk::write_zeroes(std::uint64_t offset, std::uint64_t size,
                                                 bool may_unmap) {
    if ((features_ & blk_write_zeroes) != 0) {
        return ranges(BlockOperation::WriteZeroes, offset, size, most_zeroed_,
                      may_unmap && may_unmap_ ? range_unmap : 0);
    }
    while (size != 0) {
        const std::uint64_t part = std::min<std::uint64_t>(size, data().size());
        std::memset(data().data(), 0, static_cast<std::size_t>(part));
        KOS_TRY(request(BlockOperation::Write, offset / sector_size, part, Data::Driver));
        offset += part;
        size -= part;
    }
    return {};
}

Result<void, DiskError> DeviceDisk::ranges(BlockOperation operation, std::uint64_t offset,
                                           std::uint64_t size, std::uint32_t most,
                                           std::uint32_t flags) {
    std::uint64_t sector = offset / sector_size;
    for (std::uint64_t left = size / sector_size; left != 0;) {
        const auto part = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, most));
        put(data(), 0, BlockRange{sector, part, flags});
        KOS_TRY(request(operation, 0, sizeof(BlockRange), Data::Driver));
        sector += part;
        left -= part;
    }
    return {};
}

Result<void, DiskError> DeviceDisk::request(BlockOperation operation, std::uint64_t sector,
                                            std::uint64_t size, Data data) {
    if (is_broken_) return Err{DiskError::Io};
    put(memory_.bytes, header_at, BlockHeader{static_cast<std::uint32_t>(operation), 0u, sector});
    put(memory_.bytes, status_at, no_status);
    std::array<Descriptor, queue_size> chain{};
    unsigned count = 0;
    const auto add = [&](std::uint64_t offset, std::uint64_t bytes, std::uint16_t flags) {
        if (count != 0) {
            chain[count - 1].flags =
                static_cast<std::uint16_t>(chain[count - 1].flags | descriptor_next);
            chain[count - 1].next = static_cast<std::uint16_t>(count);
        }
        chain[count++] = {memory_.address + offset, low_half(bytes), flags, {}};
    };
    add(header_at, sizeof(BlockHeader), 0);
    if (size != 0) add(page_size, size, data == Data::Device ? descriptor_write : 0);
    add(status_at, 1, descriptor_write);
    put(memory_.bytes, descriptors_at, chain);
    make_available(0);
    port_.write(static_cast<std::uint32_t>(Register::QueueNotify), 0);
    if (!wait_for_used()) {
        is_broken_ = true;
        return Err{DiskError::Io};
    }
    switch (static_cast<BlockStatus>(memory_.bytes[status_at])) {
        case BlockStatus::Ok:
            return {};
        case BlockStatus::Unsupported:
            return Err{DiskError::Unsupported};
        case BlockStatus::IoError:
            break;
    }
    return Err{DiskError::Io};
}

void DeviceDisk::make_available(unsigned head) {
    put(memory_.bytes, available_at + ring_offset + std::uint64_t{2} * (requests_ % queue_size),
        Le16{static_cast<std::uint16_t>(head)});
    ++requests_;
    std::atomic_thread_fence(std::memory_order_release);
    put(memory_.bytes, available_at + ring_index_offset, Le16{requests_});
}

bool DeviceDisk::wait_for_used() {
    const Registers registers{port_};
    for (;;) {
        // Also what came before this request: the wait of another disk may have ended by it.
        const std::uint32_t causes = registers.get(Register::InterruptStatus);
        registers.set(Register::InterruptAck, causes);
        port_.rearm();
        if ((causes & interrupt_config) != 0 &&
            (registers.get(Register::Status) & status_needs_reset) != 0) {
            return false;
        }
        if (load_used_index(memory_.bytes) == requests_) return true;
        port_.wait();
    }
}

}  // namespace kos::virtio
