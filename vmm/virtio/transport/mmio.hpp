// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// virtio-mmio, version 2, in front of a device (VIRTIO 1.2, sections 3.1 and 4.2).
//
//   status:  0 → ACKNOWLEDGE → DRIVER → FEATURES_OK → (queues) → DRIVER_OK → … → 0 (reset)
#pragma once

#include "vmm/guest/memory.hpp"
#include "vmm/virtio/device/device.hpp"
#include "vmm/virtio/transport/registers.hpp"

#include <array>
#include <cstdint>

namespace kos::virtio {

/// The device's wire into the guest's interrupt controller: level-triggered.
class InterruptLine {
   public:
    virtual void set(bool asserted) = 0;

   protected:
    ~InterruptLine() = default;
};

/// Where it is said that a guest's driver broke the rules.
class FailureLog {
   public:
    virtual void device_failed(const Device& device, unsigned queue, DriverError error) = 0;

   protected:
    ~FailureLog() = default;
};

class MmioTransport final : public Transport {
   public:
    /// Multiport consoles have the most queues of our devices.
    static constexpr std::size_t max_queues = 16;

    /// All of these outlive the transport.
    MmioTransport(Device& device, const GuestMemory& memory, InterruptLine& line, FailureLog& log);

    /// A read of \p size bytes (1, 2, 4 or 8) at \p offset in the page; 0 where nothing is.
    [[nodiscard]] std::uint64_t read(std::uint64_t offset, unsigned size);
    /// A write of the same; ignored where nothing is.
    void write(std::uint64_t offset, unsigned size, std::uint64_t value);

    /// Whether the device has more to do than it did in one go; `resume` goes on.
    [[nodiscard]] bool pending() const { return again_ != 0; }
    void resume();

    void used(unsigned queue) override;
    void config_changed() override;
    void again(unsigned queue) override;
    void failed(unsigned queue, DriverError error, bool first) override;

   private:
    struct QueueState {
        QueueConfig config;
        bool ready = false;
    };

    [[nodiscard]] std::uint32_t read_register(Register name);
    void write_register(Register name, std::uint32_t value);
    void write_status(std::uint32_t value);
    void write_ready(std::uint32_t value);
    void reset();
    void raise(std::uint32_t cause);
    [[nodiscard]] QueueState* selected();
    [[nodiscard]] bool has(std::uint32_t status) const { return (status_ & status) == status; }
    [[nodiscard]] Features offered() const { return device_.offered() | ring_features; }

    Device& device_;
    const GuestMemory& memory_;
    InterruptLine& line_;
    FailureLog& log_;
    std::array<QueueState, max_queues> queues_{};
    Features accepted_ = 0;
    std::uint32_t status_ = 0;
    std::uint32_t interrupt_status_ = 0;
    std::uint32_t device_features_sel_ = 0, driver_features_sel_ = 0, queue_sel_ = 0;
    std::uint32_t generation_ = 0;
    std::uint32_t again_ = 0;  ///< a bit for each queue that has more to do
};

}  // namespace kos::virtio
