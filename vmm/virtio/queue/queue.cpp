// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/queue/queue.hpp"

#include "vmm/virtio/queue/walk.hpp"

namespace kos::virtio {

namespace {

Result<MutableBytes, QueueError> ring(const GuestMemory& memory, GuestAddress address,
                                      std::uint64_t size, std::uint64_t alignment) {
    if (!address.is_aligned(alignment)) return Err{QueueError::Alignment};
    auto bytes = memory.bytes(address, size);
    if (!bytes) return Err{QueueError::Ring};
    return std::move(bytes).value();
}

constexpr std::uint16_t difference(std::uint16_t later, std::uint16_t earlier) {
    return static_cast<std::uint16_t>(later - earlier);
}

}  // namespace

Result<void, QueueError> Queue::start(const QueueConfig& config, std::uint16_t size_limit,
                                      const GuestMemory& memory) {
    running_ = false;
    if (!is_power_of_two(config.size) || config.size > size_limit) return Err{QueueError::Size};
    descriptors_ = KOS_TRY(
        ring(memory, config.descriptors, descriptor_table_size(config.size), descriptor_alignment));
    available_ = KOS_TRY(
        ring(memory, config.available, available_ring_size(config.size), available_alignment));
    used_ = KOS_TRY(ring(memory, config.used, used_ring_size(config.size), used_alignment));
    memory_ = &memory;
    size_ = config.size;
    indirect_ = config.indirect;
    event_index_ = config.event_index;
    next_available_ = config.next_available;
    next_used_ = config.next_used;
    signalled_ = next_used_;
    running_ = true;
    return {};
}

std::uint16_t Queue::available() const {
    if (!running_) return 0;
    return difference(available_word(ring_index_offset).load(), next_available_);
}

Result<bool, QueueError> Queue::pop(Chain& chain) {
    const std::uint16_t count = available();
    if (count == 0) return false;
    if (count > size_) {
        running_ = false;
        return Err{QueueError::AvailableIndex};
    }
    const std::uint16_t slot = next_available_ & (size_ - 1);
    const std::uint16_t head = available_word(ring_offset + std::uint64_t{2} * slot).load();
    const auto walked = ChainWalk{*memory_, indirect_, chain}.run(descriptors_, head);
    if (!walked) {
        running_ = false;
        return Err{walked.error()};
    }
    ++next_available_;
    return true;
}

void Queue::push(std::uint16_t head, std::uint32_t written) {
    stage(head, written);
    publish();
}

void Queue::stage(std::uint16_t head, std::uint32_t written) {
    if (!running_) return;
    const UsedElement element{.id = head, .length = written};
    const std::uint64_t slot = next_used_ & (size_ - 1);
    std::memcpy(used_.subspan(ring_offset + slot * sizeof element).data(), &element,
                sizeof element);
    ++next_used_;
}

void Queue::publish() {
    if (running_) used_word(ring_index_offset).store(next_used_);
}

bool Queue::wants_interrupt() {
    if (!running_ || signalled_ == next_used_) return false;
    // The index is to be seen before we look whether the driver waits for it (2.7.7.2).
    used_word(ring_index_offset).store_first(next_used_);
    const std::uint16_t before = signalled_;
    signalled_ = next_used_;
    if (!event_index_) {
        const std::uint16_t flags = available_word(ring_flags_offset).load();
        return (flags & available_no_interrupt) == 0;
    }
    const std::uint16_t event = available_word(used_event_offset(size_)).load();
    return difference(static_cast<std::uint16_t>(next_used_ - 1), event) <
           difference(next_used_, before);
}

bool Queue::enable_notifications() {
    if (!running_) return false;
    if (event_index_) {
        used_word(available_event_offset(size_)).store_first(next_available_);
    } else {
        used_word(ring_flags_offset).store_first(0);
    }
    return available() != 0;
}

void Queue::disable_notifications() {
    // With the event index, an avail_event that stays behind does it.
    if (running_ && !event_index_) used_word(ring_flags_offset).store(used_no_notify);
}

}  // namespace kos::virtio
