// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A device for tests: answers each request with its own bytes.
#pragma once

#include "vmm/virtio/device/device.hpp"

#include <array>

namespace kos::virtio {

class EchoDevice final : public Device {
   public:
    static constexpr Features polite = feature(5);

    EchoDevice() : Device(DeviceType::Entropy, queues_, 16) {}

    Features offered() const override { return polite; }
    void read_config(std::uint64_t offset, MutableBytes target) const override {
        read_config_of(config, offset, target);
    }
    void write_config(std::uint64_t offset, Bytes source) override {
        for (const std::byte byte : source) {
            if (offset < config.size()) config[offset++] = byte;
        }
    }
    void change_config() {
        config[0] = std::byte{0xff};
        if (transport() != nullptr) transport()->config_changed();
    }
    [[nodiscard]] bool is_polite() const { return accepted(polite); }
    [[nodiscard]] bool is_attached() { return transport() != nullptr; }

    std::array<std::byte, 12> config{};

   private:
    Result<void, DriverError> process(unsigned index) override {
        return drain(index, [this, index](Chain& chain) -> Result<void, DriverError> {
            ReadableBuffers source = chain.readable();
            WritableBuffers target = chain.writable();
            if (source.size() > target.size()) return Err{RequestError::Answer};
            const std::uint64_t size = source.size();
            source.each(size, [&target](Bytes part) { target.write(part); });
            own_queue(index).push(chain, size);
            return {};
        });
    }

    std::array<Queue, 2> queues_;
};

}  // namespace kos::virtio
