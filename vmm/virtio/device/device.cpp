// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/device/device.hpp"

namespace kos::virtio {

const char* Device::name() const {
    switch (type_) {
        case DeviceType::Network:
            return "net";
        case DeviceType::Block:
            return "blk";
        case DeviceType::Console:
            return "console";
        case DeviceType::Entropy:
            return "rng";
        case DeviceType::Balloon:
            return "balloon";
        case DeviceType::Socket:
            return "vsock";
    }
    return "device";
}

Result<void, QueueError> Device::start_queue(unsigned index, const QueueConfig& config,
                                             const GuestMemory& memory) {
    KOS_TRY(queues_[index].start(config, max_size, memory));
    // A queue that is taken over may have work in it that was announced to somebody else.
    (void)queues_[index].enable_notifications();
    return {};
}

void Device::stop_queue(unsigned index) { queues_[index].stop(); }

void Device::activate() {
    if (active_ || failed_) return;
    active_ = true;
    on_activate();
}

void Device::reset() {
    stop_all();
    active_ = failed_ = false;
    accepted_ = 0;
    on_reset();
}

void Device::notified(unsigned index) {
    ++metrics_.notifications;
    if (index >= queues_.size() || !queues_[index].running()) return;
    run(index, [this, index] { return process(index); });
}

Result<bool, DriverError> Device::pop(unsigned index) {
    const bool popped = KOS_TRY(queues_[index].pop(chain_));
    metrics_.chains += popped ? 1 : 0;
    return popped;
}

Result<bool, DriverError> Device::pop_buffer(unsigned index) {
    if (KOS_TRY(pop(index))) return true;
    if (!queues_[index].enable_notifications()) return false;
    return pop(index);
}

void Device::read_config_of(Bytes config, std::uint64_t offset, MutableBytes target) {
    for (std::byte& byte : target) {
        byte = offset < config.size() ? config[offset] : std::byte{0};
        ++offset;
    }
}

void Device::finish(unsigned index, const Result<void, DriverError>& done) {
    if (!done) {
        failed_ = true;
        stop_all();
        const bool first = metrics_.failures++ == 0;
        if (transport_ != nullptr) transport_->failed(index, done.error(), first);
        return;
    }
    for (unsigned i = 0; i < queues_.size(); ++i) interrupt(i);
}

void Device::interrupt(unsigned index) {
    if (!queues_[index].wants_interrupt()) return;
    ++metrics_.interrupts;
    if (transport_ != nullptr) transport_->used(index);
}

void Device::stop_all() {
    for (Queue& queue : queues_) queue.stop();
}

}  // namespace kos::virtio
