// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A transport that only notes what a device tells, for tests of the devices themselves.
#pragma once

#include "vmm/virtio/device/device.hpp"
#include "vmm/virtio/testing/fake_driver.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace kos::virtio {

struct FakeTransport final : Transport {
    void used(unsigned queue) override { interrupts.at(queue) = true; }
    void config_changed() override { ++config_changes; }
    void again(unsigned queue) override { unfinished = queue; }
    void failed(unsigned /*queue*/, DriverError error, bool /*first*/) override { failure = error; }

    std::vector<bool> interrupts = std::vector<bool>(16);
    int config_changes = 0;
    std::optional<unsigned> unfinished;
    std::optional<DriverError> failure;
};

/// A device with a driver for each of its queues, up and running.
class DeviceBed {
   public:
    DeviceBed(Device& device, Features features, std::size_t memory = 8 << 20,
              std::uint16_t queue_size = 64)
        : guest_(memory),
          device_(device),
          queue_size_(std::min(queue_size, device.queue_size_limit())) {
        device.attach(transport);
        start(features);
    }

    /// A driver that starts from nothing, as after a reset of the device.
    void start(Features features) {
        device_.negotiate(features | ring_features);
        drivers_.clear();
        for (unsigned i = 0; i < device_.queue_count(); ++i) {
            drivers_.push_back(std::make_unique<FakeDriver>(guest_, queue_size_, true));
            must(device_.start_queue(i, drivers_.back()->config(), guest_.memory()),
                 "the rings are in memory");
        }
        device_.activate();
    }

    [[nodiscard]] FakeGuest& guest() { return guest_; }
    [[nodiscard]] FakeDriver& queue(unsigned index) { return *drivers_.at(index); }
    [[nodiscard]] ChainBuilder chain(unsigned index) { return queue(index).chain(); }
    void notify(unsigned index) { device_.notified(index); }
    /// Notifies and takes what is used first.
    std::optional<UsedChain> answer(unsigned index) {
        notify(index);
        return queue(index).used();
    }

    FakeTransport transport;

   private:
    FakeGuest guest_;
    Device& device_;
    std::uint16_t queue_size_;
    std::vector<std::unique_ptr<FakeDriver>> drivers_;
};

/// A T that a device wrote at the start of its answer.
template <class T>
T value_in(const std::vector<std::byte>& answer, std::size_t offset = 0) {
    const auto value = read_at<T>(answer, offset);
    if (!value) panic("the answer is too short");
    return *value;
}

}  // namespace kos::virtio
