// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A driver's way through virtio-mmio (VIRTIO 1.2, sections 3.1.1 and 4.2.3), and an engine that
// notes interrupts and failures.
#pragma once

#include "vmm/virtio/testing/fake_driver.hpp"
#include "vmm/virtio/transport/mmio.hpp"

#include <string>
#include <vector>

namespace kos::virtio {

struct FakeEngine final : InterruptLine, FailureLog {
    void set(bool asserted) override { line = asserted; }
    void device_failed(const Device& device, unsigned queue, DriverError error) override {
        log.push_back(std::string{device.name()} + " queue " + std::to_string(queue) + ": " +
                      std::string{error.text()});
    }
    bool line = false;
    std::vector<std::string> log;
};

/// The registers as a driver uses them.
class FakeMmio {
   public:
    explicit FakeMmio(MmioTransport& transport) : transport_(transport) {}

    std::uint32_t read(Register name) {
        return static_cast<std::uint32_t>(transport_.read(static_cast<std::uint32_t>(name), 4));
    }
    void write(Register name, std::uint32_t value) {
        transport_.write(static_cast<std::uint32_t>(name), 4, value);
    }
    Features offered() {
        write(Register::DeviceFeaturesSel, 1);
        const Features high = read(Register::DeviceFeatures);
        write(Register::DeviceFeaturesSel, 0);
        return high << 32 | read(Register::DeviceFeatures);
    }
    /// Up to FEATURES_OK; whether the device took the features.
    bool negotiate(Features features) {
        write(Register::Status, status_acknowledge);
        write(Register::Status, status_acknowledge | status_driver);
        write(Register::DriverFeaturesSel, 0);
        write(Register::DriverFeatures, static_cast<std::uint32_t>(features));
        write(Register::DriverFeaturesSel, 1);
        write(Register::DriverFeatures, static_cast<std::uint32_t>(features >> 32));
        write(Register::Status, status_acknowledge | status_driver | status_features_ok);
        return (read(Register::Status) & status_features_ok) != 0;
    }
    /// Whether the device took the queue.
    bool set_up(std::uint32_t index, const QueueConfig& config) {
        write(Register::QueueSel, index);
        write(Register::QueueNum, config.size);
        write_address(Register::QueueDescLow, Register::QueueDescHigh, config.descriptors);
        write_address(Register::QueueDriverLow, Register::QueueDriverHigh, config.available);
        write_address(Register::QueueDeviceLow, Register::QueueDeviceHigh, config.used);
        write(Register::QueueReady, 1);
        return read(Register::QueueReady) == 1;
    }
    void start() { write(Register::Status, read(Register::Status) | status_driver_ok); }

   private:
    void write_address(Register low, Register high, GuestAddress address) {
        write(low, static_cast<std::uint32_t>(address.value()));
        write(high, static_cast<std::uint32_t>(address.value() >> 32));
    }
    MmioTransport& transport_;
};

}  // namespace kos::virtio
