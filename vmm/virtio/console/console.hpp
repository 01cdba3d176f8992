// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The console device (VIRTIO 1.2, section 5.3).
//
//   queue 0, 1   receive and transmit of port 0
//   queue 2, 3   control messages to and from the driver
//   queue 4, 5   port 1, and so on
#pragma once

#include "vmm/virtio/console/control.hpp"
#include "vmm/virtio/console/host.hpp"
#include "vmm/virtio/device/device.hpp"

#include <array>
#include <span>
#include <string_view>

namespace kos::virtio {

class Console final : public Device {
   public:
    static constexpr unsigned max_ports = ControlMessages::max_ports;

    /// \p names: of the ports behind the first, at most max_ports − 1, of at most max_name bytes.
    /// \p host and the names outlive the device.
    explicit Console(ConsoleHost& host, std::span<const std::string_view> names = {});
    static constexpr std::size_t max_name = 64;

    [[nodiscard]] Features offered() const override { return console_multiport; }
    void read_config(std::uint64_t offset, MutableBytes target) const override;

    /// Bytes for the guest at \p port; how many it had room for. Where those are fewer,
    /// `ConsoleHost::input_ready` tells when to try again.
    std::size_t input(unsigned port, Bytes bytes);
    [[nodiscard]] bool is_open(unsigned port) const { return port == 0 || open_[port]; }

   private:
    static constexpr unsigned control_receive = 2, control_transmit = 3;

    [[nodiscard]] static constexpr unsigned receive_queue(unsigned port) {
        return port == 0 ? 0 : 2 + 2 * port;
    }
    [[nodiscard]] static constexpr unsigned port_of(unsigned queue) {
        return queue < control_receive ? 0 : queue / 2 - 1;
    }

    Result<void, DriverError> process(unsigned index) override;
    void on_reset() override;
    Result<void, DriverError> transmit(unsigned port, Chain& chain);
    Result<void, DriverError> control(Chain& chain);
    void port_ready(unsigned port);
    Result<void, DriverError> tell();
    Result<std::size_t, DriverError> receive(unsigned port, Bytes bytes);

    ConsoleHost& host_;
    std::span<const std::string_view> names_;
    unsigned ports_;
    ControlMessages messages_;
    std::array<bool, max_ports> open_{}, starved_{};
    std::array<Queue, 2 + 2 * max_ports> queues_;
};

}  // namespace kos::virtio
