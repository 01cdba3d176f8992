// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Consoles as drivers see them (VIRTIO 1.2, sections 5.3.3, 5.3.4 and 5.3.6.2).
#pragma once

#include "lib/base/little_endian.hpp"
#include "vmm/virtio/device/feature.hpp"

namespace kos::virtio {

inline constexpr Features console_multiport = feature(1);

struct ConsoleConfig {
    Le16 columns;          // 0x00: with a feature that is not offered
    Le16 rows;             // 0x02: likewise
    Le32 max_ports;        // 0x04
    Le32 emergency_write;  // 0x08: with a feature that is not offered
};
static_assert(sizeof(ConsoleConfig) == 0x0c);

enum class ConsoleEvent : std::uint16_t {
    DeviceReady = 0,  ///< driver: value 1, it is ready for ports
    PortAdd = 1,      ///< device
    PortRemove = 2,   ///< device
    PortReady = 3,    ///< driver: value 1, it is ready for messages about the port
    ConsolePort = 4,  ///< device: the port is a console
    Resize = 5,       ///< device
    PortOpen = 6,     ///< both: value 1, something listens at the sender's end
    PortName = 7,     ///< device: the name follows
};

struct ConsoleControl {
    Le32 port;   // 0x00
    Le16 event;  // 0x04: ConsoleEvent
    Le16 value;  // 0x06
};
static_assert(sizeof(ConsoleControl) == 8);

}  // namespace kos::virtio
