// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The entropy device (VIRTIO 1.2, section 5.4).
#pragma once

#include "vmm/virtio/device/device.hpp"

#include <array>

namespace kos::virtio {

class EntropySource {
   public:
    virtual void fill(MutableBytes target) = 0;

   protected:
    ~EntropySource() = default;
};

class Entropy final : public Device {
   public:
    static constexpr std::uint64_t max_request = 4096;

    /// \p source outlives the device.
    explicit Entropy(EntropySource& source)
        : Device(DeviceType::Entropy, queues_, 16), source_(source) {}

    [[nodiscard]] Features offered() const override { return 0; }
    void read_config(std::uint64_t offset, MutableBytes target) const override {
        read_config_of({}, offset, target);
    }

   private:
    Result<void, DriverError> process(unsigned index) override;

    EntropySource& source_;
    std::array<Queue, 1> queues_;
};

}  // namespace kos::virtio
