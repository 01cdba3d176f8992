// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/transport/mmio.hpp"

namespace kos::virtio {

namespace {

constexpr std::uint32_t low_half(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

GuestAddress with_low(GuestAddress address, std::uint32_t value) {
    return GuestAddress{(address.value() & ~std::uint64_t{0xffffffff}) | value};
}
GuestAddress with_high(GuestAddress address, std::uint32_t value) {
    return GuestAddress{low_half(address.value()) | std::uint64_t{value} << 32};
}

/// The 32 bits of a 64-bit set that a selector register chose; beyond bit 63 there are none.
constexpr std::uint32_t word_of(std::uint64_t set, std::uint32_t selector) {
    return selector < 2 ? low_half(set >> (32 * selector)) : 0;
}

}  // namespace

MmioTransport::MmioTransport(Device& device, const GuestMemory& memory, InterruptLine& line,
                             FailureLog& log)
    : device_(device), memory_(memory), line_(line), log_(log) {
    if (device.queue_count() > max_queues) panic("MmioTransport: too many queues");
    device.attach(*this);
}

std::uint64_t MmioTransport::read(std::uint64_t offset, unsigned size) {
    if (offset >= config_offset) {
        std::uint64_t value = 0;
        if (size <= sizeof value) {
            device_.read_config(offset - config_offset,
                                std::as_writable_bytes(std::span{&value, 1}).first(size));
        }
        return value;
    }
    if (size != 4 || offset % 4 != 0) return 0;
    return read_register(Register{static_cast<std::uint32_t>(offset)});
}

void MmioTransport::write(std::uint64_t offset, unsigned size, std::uint64_t value) {
    if (offset >= config_offset) {
        // A driver writes to the configuration space once it knows the device's features.
        if (size <= sizeof value && has(status_features_ok)) {
            device_.write_config(offset - config_offset, bytes_of(value).first(size));
        }
        return;
    }
    if (size != 4 || offset % 4 != 0) return;
    write_register(Register{static_cast<std::uint32_t>(offset)}, low_half(value));
}

std::uint32_t MmioTransport::read_register(Register name) {
    const QueueState* queue = selected();
    switch (name) {
        case Register::MagicValue:
            return magic_value;
        case Register::Version:
            return mmio_version;
        case Register::DeviceId:
            return static_cast<std::uint32_t>(device_.type());
        case Register::VendorId:
            return vendor_id;
        case Register::DeviceFeatures:
            return word_of(offered(), device_features_sel_);
        case Register::QueueNumMax:
            return queue != nullptr ? device_.queue_size_limit() : 0;
        case Register::QueueReady:
            return queue != nullptr && queue->ready ? 1 : 0;
        case Register::InterruptStatus:
            return interrupt_status_;
        case Register::Status:
            return status_;
        case Register::ShmLenLow:
        case Register::ShmLenHigh:
        case Register::ShmBaseLow:
        case Register::ShmBaseHigh:
            // No region has this identifier (section 4.2.2).
            return ~std::uint32_t{0};
        case Register::ConfigGeneration:
            return generation_;
        default:
            return 0;
    }
}

void MmioTransport::write_register(Register name, std::uint32_t value) {
    // What a queue that is in use was set up with stays (section 4.2.2.2).
    QueueState* const queue = selected();
    QueueConfig ignored;
    QueueConfig& config = queue != nullptr && !queue->ready ? queue->config : ignored;
    switch (name) {
        case Register::DeviceFeaturesSel:
            device_features_sel_ = value;
            return;
        case Register::DriverFeaturesSel:
            driver_features_sel_ = value;
            return;
        case Register::DriverFeatures:
            if (has(status_features_ok) || driver_features_sel_ > 1) return;
            accepted_ = driver_features_sel_ == 0
                            ? (accepted_ & ~std::uint64_t{0xffffffff}) | value
                            : low_half(accepted_) | std::uint64_t{value} << 32;
            return;
        case Register::QueueSel:
            queue_sel_ = value;
            return;
        case Register::QueueNum:
            config.size =
                value <= device_.queue_size_limit() ? static_cast<std::uint16_t>(value) : 0;
            return;
        case Register::QueueReady:
            return write_ready(value);
        case Register::QueueNotify:
            if (has(status_driver_ok)) device_.notified(value);
            return;
        case Register::InterruptAck:
            interrupt_status_ &= ~value;
            line_.set(interrupt_status_ != 0);
            return;
        case Register::Status:
            return write_status(value);
        case Register::QueueDescLow:
            config.descriptors = with_low(config.descriptors, value);
            return;
        case Register::QueueDescHigh:
            config.descriptors = with_high(config.descriptors, value);
            return;
        case Register::QueueDriverLow:
            config.available = with_low(config.available, value);
            return;
        case Register::QueueDriverHigh:
            config.available = with_high(config.available, value);
            return;
        case Register::QueueDeviceLow:
            config.used = with_low(config.used, value);
            return;
        case Register::QueueDeviceHigh:
            config.used = with_high(config.used, value);
            return;
        default:
            return;
    }
}

void MmioTransport::write_status(std::uint32_t value) {
    if (value == 0) return reset();
    std::uint32_t status = status_ | (value & ~status_needs_reset);
    const bool acceptable = (accepted_ & ~offered()) == 0 && (accepted_ & feature_version_1) != 0;
    if (!acceptable && !has(status_features_ok)) status &= ~status_features_ok;
    if ((status & status_features_ok) == 0) status &= ~status_driver_ok;
    const std::uint32_t added = status & ~status_;
    status_ = status;
    if ((added & status_features_ok) != 0) device_.negotiate(accepted_);
    if ((added & status_driver_ok) != 0) device_.activate();
}

void MmioTransport::write_ready(std::uint32_t value) {
    QueueState* const queue = selected();
    if (queue == nullptr || (value & 1) == (queue->ready ? 1u : 0u)) return;
    if ((value & 1) == 0) {
        queue->ready = false;
        device_.stop_queue(queue_sel_);
        return;
    }
    if (!has(status_features_ok) || has(status_needs_reset)) return;
    queue->config.indirect = (accepted_ & feature_indirect) != 0;
    queue->config.event_index = (accepted_ & feature_event_index) != 0;
    // The driver reads the register back, and gives up where the queue could not be used.
    queue->ready = device_.start_queue(queue_sel_, queue->config, memory_).ok();
}

void MmioTransport::reset() {
    device_.reset();
    queues_ = {};
    accepted_ = 0;
    status_ = interrupt_status_ = again_ = 0;
    device_features_sel_ = driver_features_sel_ = queue_sel_ = 0;
    line_.set(false);
}

void MmioTransport::resume() {
    const std::uint32_t queues = std::exchange(again_, 0);
    for (unsigned i = 0; i < device_.queue_count(); ++i) {
        if ((queues >> i & 1) != 0) device_.notified(i);
    }
}

void MmioTransport::used(unsigned /*queue*/) { raise(interrupt_used); }

void MmioTransport::config_changed() {
    ++generation_;
    if (has(status_driver_ok)) raise(interrupt_config);
}

void MmioTransport::again(unsigned queue) { again_ |= 1u << queue; }

void MmioTransport::failed(unsigned queue, DriverError error, bool first) {
    if (first) log_.device_failed(device_, queue, error);
    status_ |= status_needs_reset;
    if (has(status_driver_ok)) raise(interrupt_config);
}

void MmioTransport::raise(std::uint32_t cause) {
    interrupt_status_ |= cause;
    line_.set(true);
}

MmioTransport::QueueState* MmioTransport::selected() {
    return queue_sel_ < device_.queue_count() ? &queues_[queue_sel_] : nullptr;
}

}  // namespace kos::virtio
