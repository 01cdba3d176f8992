// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A device without a transport (VIRTIO 1.2, section 2). README.md shows how the pieces fit.
#pragma once

#include "vmm/virtio/device/feature.hpp"
#include "vmm/virtio/device/transport.hpp"
#include "vmm/virtio/queue/queue.hpp"

#include <cstdint>
#include <span>

namespace kos::virtio {

/// What every device counts.
struct DeviceMetrics {
    std::uint64_t notifications = 0;  ///< of the driver
    std::uint64_t interrupts = 0;     ///< to the driver
    std::uint64_t chains = 0;         ///< taken from its queues
    std::uint64_t failures = 0;       ///< stops because of a driver's error
};

class Device {
   public:
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    [[nodiscard]] DeviceType type() const { return type_; }
    [[nodiscard]] const char* name() const;
    [[nodiscard]] std::size_t queue_count() const { return queues_.size(); }
    [[nodiscard]] std::uint16_t queue_size_limit() const { return queue_size_limit_; }
    [[nodiscard]] const DeviceMetrics& metrics() const { return metrics_; }

    /// The device's own features; the transport adds those of the rings.
    [[nodiscard]] virtual Features offered() const = 0;
    /// Bytes of the configuration space from \p offset on; 0 beyond its end.
    virtual void read_config(std::uint64_t offset, MutableBytes target) const = 0;
    virtual void write_config(std::uint64_t /*offset*/, Bytes /*source*/) {}

    /// For transports: whom to tell. It outlives its use.
    void attach(Transport& transport) { transport_ = &transport; }
    /// There is nobody to tell any more.
    void detach() { transport_ = nullptr; }
    /// What the driver accepted, of what was offered.
    void negotiate(Features accepted) { accepted_ = accepted; }
    /// Queues may be larger than the device would offer: QEMU offers 1024 by itself.
    static constexpr std::uint16_t max_size = 1024;
    Result<void, QueueError> start_queue(unsigned index, const QueueConfig& config,
                                         const GuestMemory& memory);
    void stop_queue(unsigned index);
    [[nodiscard]] const Queue& queue(unsigned index) const { return queues_[index]; }
    /// The driver is ready (DRIVER_OK): queues may be worked on.
    void activate();
    /// As after power on; backends keep what they hold.
    void reset();
    [[nodiscard]] bool active() const { return active_; }
    /// The driver's notification, for any queue, at any time.
    void notified(unsigned index);

   protected:
    /// \p queues lie in the derived object; \p queue_size_limit is what is offered for each.
    Device(DeviceType type, std::span<Queue> queues, std::uint16_t queue_size_limit)
        : type_(type), queues_(queues), queue_size_limit_(queue_size_limit) {}
    ~Device() = default;

    /// Chains in one go: as many as a queue holds, so that only a driver that refills meanwhile
    /// gets there.
    static constexpr unsigned share = 1024;

    /// Handles what lies in the queue. An error stops the device.
    virtual Result<void, DriverError> process(unsigned index) = 0;
    virtual void on_activate() {}
    virtual void on_reset() {}

    [[nodiscard]] bool accepted(Features features) const {
        return (accepted_ & features) == features;
    }
    [[nodiscard]] Features accepted_features() const { return accepted_; }
    [[nodiscard]] Queue& own_queue(unsigned index) { return queues_[index]; }
    [[nodiscard]] Chain& chain() { return chain_; }
    [[nodiscard]] Transport* transport() { return transport_; }

    /// The next chain of a queue, into `chain()`; false where there is none or the device is idle.
    Result<bool, DriverError> pop(unsigned index);
    /// Pops a chain of a queue that the driver fills with buffers; asks to be told of new ones
    /// where there is none.
    Result<bool, DriverError> pop_buffer(unsigned index);
    /// Calls \p handle for every chain of the queue until there is none. After a share of them it
    /// lets others have theirs.
    template <class Handle>
    Result<void, DriverError> drain(unsigned index, Handle handle) {
        return drain_while(
            index, [] { return true; }, handle);
    }
    /// As drain, as long as \p ready says so before each chain.
    template <class Ready, class Handle>
    Result<void, DriverError> drain_while(unsigned index, Ready ready, Handle handle);
    /// Tells the driver of what was pushed, if it wants to know, before the work at hand is
    /// through.
    void interrupt(unsigned index);
    /// Work that an event of the backend causes, with the same care as for a notification.
    template <class Work>
    void run(unsigned index, Work work);

    static void read_config_of(Bytes config, std::uint64_t offset, MutableBytes target);

   private:
    void finish(unsigned index, const Result<void, DriverError>& done);
    void stop_all();

    DeviceType type_;
    std::span<Queue> queues_;
    std::uint16_t queue_size_limit_;
    Transport* transport_ = nullptr;
    Features accepted_ = 0;
    bool active_ = false;
    bool failed_ = false;
    DeviceMetrics metrics_;
    Chain chain_;
};

template <class Ready, class Handle>
Result<void, DriverError> Device::drain_while(unsigned index, Ready ready, Handle handle) {
    Queue& queue = queues_[index];
    unsigned left = share;
    do {
        queue.disable_notifications();
        for (;;) {
            if (!ready()) return {};
            if (!KOS_TRY(pop(index))) break;
            KOS_TRY(handle(chain_));
            if (--left == 0) {
                if (transport_ != nullptr) transport_->again(index);
                return {};
            }
        }
    } while (queue.enable_notifications());
    return {};
}

template <class Work>
void Device::run(unsigned index, Work work) {
    if (active_ && !failed_) finish(index, work());
}

}  // namespace kos::virtio
