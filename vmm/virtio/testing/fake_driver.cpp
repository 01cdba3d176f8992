// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/testing/fake_driver.hpp"

#include <algorithm>

namespace kos::virtio {

ChainBuilder& ChainBuilder::readable(Bytes bytes) {
    const GuestAddress address = driver_.guest_.allocate(bytes.size());
    driver_.guest_.write(address, bytes);
    return buffer({address, static_cast<std::uint32_t>(bytes.size()), false});
}

ChainBuilder& ChainBuilder::writable(std::uint32_t size) {
    return buffer({driver_.guest_.allocate(size), size, true});
}

ChainBuilder& ChainBuilder::buffer(FakeBuffer buffer) {
    buffers_.push_back(buffer);
    return *this;
}

ChainBuilder& ChainBuilder::indirect() {
    indirect_ = true;
    return *this;
}

std::uint16_t ChainBuilder::submit() {
    const std::size_t count = indirect_ ? 1 : buffers_.size();
    std::vector<std::uint16_t> descriptors(count);
    for (std::uint16_t& index : descriptors) index = driver_.take_descriptor();
    const auto entry = [this](std::size_t i, std::uint16_t next) {
        const FakeBuffer& buffer = buffers_[i];
        const bool last = i + 1 == buffers_.size();
        return Descriptor{
            .address = buffer.address.value(),
            .length = buffer.size,
            .flags = static_cast<std::uint16_t>((last ? 0 : descriptor_next) |
                                                (buffer.writable ? descriptor_write : 0)),
            .next = last ? std::uint16_t{0} : next};
    };
    if (indirect_) {
        std::vector<Descriptor> table;
        for (std::size_t i = 0; i < buffers_.size(); ++i) {
            table.push_back(entry(i, static_cast<std::uint16_t>(i + 1)));
        }
        const std::size_t size = table.size() * sizeof(Descriptor);
        const GuestAddress address = driver_.guest_.allocate(size);
        driver_.guest_.write(address, std::as_bytes(std::span{table}));
        driver_.set_descriptor(descriptors.front(), {.address = address.value(),
                                                     .length = static_cast<std::uint32_t>(size),
                                                     .flags = descriptor_indirect,
                                                     .next = std::uint16_t{0}});
    } else {
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint16_t next = i + 1 < count ? descriptors[i + 1] : std::uint16_t{0};
            driver_.set_descriptor(descriptors[i], entry(i, next));
        }
    }
    const std::uint16_t head = descriptors.front();
    driver_.submitted_[head] = {std::move(buffers_), std::move(descriptors)};
    driver_.make_available(head);
    return head;
}

FakeDriver::FakeDriver(FakeGuest& guest, std::uint16_t size, bool event_index)
    : guest_(guest), submitted_(size) {
    config_.size = size;
    config_.indirect = true;
    config_.event_index = event_index;
    config_.descriptors = guest.allocate(descriptor_table_size(size), page_size);
    config_.available = guest.allocate(available_ring_size(size), page_size);
    config_.used = guest.allocate(used_ring_size(size), page_size);
    for (std::uint16_t i = size; i-- > 0;) free_.push_back(i);
}

std::optional<UsedChain> FakeDriver::used() {
    const std::uint16_t index = read16(config_.used + ring_index_offset);
    if (index == used_index_) return std::nullopt;
    const std::uint64_t slot = used_index_++ % config_.size;
    const auto element = must(
        guest_.memory().read<UsedElement>(config_.used + ring_offset + slot * sizeof(UsedElement)),
        "the ring is in memory");
    if (element.id >= submitted_.size()) panic("FakeDriver: a chain was used that is none");
    UsedChain result{static_cast<std::uint16_t>(element.id), element.length, {}};
    Submitted& chain = submitted_[element.id];
    if (chain.descriptors.empty()) panic("FakeDriver: a chain was used twice");
    std::uint32_t left = element.length;
    for (const FakeBuffer& buffer : chain.buffers) {
        if (!buffer.writable || left == 0) continue;
        const std::uint32_t count = std::min(left, buffer.size);
        const Bytes part = guest_.bytes(buffer.address, count);
        result.answer.insert(result.answer.end(), part.begin(), part.end());
        left -= count;
    }
    if (left != 0) panic("FakeDriver: more was written than there was room for");
    free_.insert(free_.end(), chain.descriptors.begin(), chain.descriptors.end());
    chain = {};
    return result;
}

void FakeDriver::want_interrupt() {
    write16(config_.available + ring_flags_offset, 0);
    write16(config_.available + used_event_offset(config_.size), used_index_);
}

void FakeDriver::refuse_interrupts() {
    write16(config_.available + ring_flags_offset, available_no_interrupt);
    write16(config_.available + used_event_offset(config_.size),
            static_cast<std::uint16_t>(used_index_ - 1));
}

bool FakeDriver::device_wants_notification() {
    if (!config_.event_index)
        return (read16(config_.used + ring_flags_offset) & used_no_notify) == 0;
    const std::uint16_t event = read16(config_.used + available_event_offset(config_.size));
    return static_cast<std::uint16_t>(available_index_ - 1) == event;
}

void FakeDriver::set_descriptor(std::uint16_t index, const Descriptor& descriptor) {
    guest_.write(config_.descriptors + std::uint64_t{index} * sizeof descriptor,
                 bytes_of(descriptor));
}

void FakeDriver::make_available(std::uint16_t head) {
    write16(config_.available + ring_offset + std::uint64_t{2} * (available_index_ % config_.size),
            head);
    set_available_index(static_cast<std::uint16_t>(available_index_ + 1));
}

void FakeDriver::set_available_index(std::uint16_t index) {
    available_index_ = index;
    write16(config_.available + ring_index_offset, index);
}

std::uint16_t FakeDriver::take_descriptor() {
    if (free_.empty()) panic("FakeDriver: no descriptor is free");
    const std::uint16_t index = free_.back();
    free_.pop_back();
    return index;
}

void FakeDriver::write16(GuestAddress address, std::uint16_t value) {
    guest_.write(address, bytes_of(value));
}

std::uint16_t FakeDriver::read16(GuestAddress address) {
    return must(guest_.memory().read<std::uint16_t>(address), "the rings are in memory");
}

}  // namespace kos::virtio
