// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// guest.json and service.json (docs/guest.md): typed, checked, unknown keys refused.
#pragma once

#include "kosinit/setup/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::init {

using MacAddress = std::array<std::uint8_t, 6>;

/// Host byte order.
using Ipv4Address = std::uint32_t;

struct InterfaceConfig {
    std::string name;
    std::optional<MacAddress> mac;
    bool dhcp = false;
    Ipv4Address address = 0;  ///< 0: none
    unsigned prefix = 0;      ///< bits of the network
    std::optional<Ipv4Address> gateway;
    std::optional<std::uint16_t> mtu;
};

struct HostEntry {
    std::string address;
    std::vector<std::string> names;
};

struct MessageSocket {
    std::string socket;  ///< name without folder and ending
    std::uint32_t port = 1000;
};

struct ServiceName {
    std::string name;
    Ipv4Address address = 0;
};

/// What the guest reaches by stream sockets: services of its compose networks.
struct ServiceNetwork {
    std::vector<Ipv4Address> own;      ///< this guest's, one for each network
    std::vector<ServiceName> names;    ///< of services, its own too; several may share an address
    std::vector<Ipv4Address> unnamed;  ///< others that connect to this guest
    std::uint32_t port = 1000;         ///< vsock port of the host
};

struct GuestConfig {
    std::string hostname = "kos";
    std::vector<InterfaceConfig> interfaces;
    std::vector<std::string> dns_servers;
    std::vector<std::string> dns_search;
    std::vector<HostEntry> hosts;
    std::vector<MessageSocket> messages;
    std::optional<ServiceNetwork> services;
    std::vector<std::string> volumes;  ///< serials of disks
    int stop_signal = 15;
    std::uint32_t shutdown_ms = 10'000;
    std::uint64_t log_ring_bytes = 1u << 20;
    bool readonly = false;
    std::optional<std::uint64_t> writable_bytes;
    bool stdin_open = false;
    bool console_logs = false;
    bool power_off_when_done = true;
    std::uint32_t report_ms = 2000;
};

/// \p name is the file's, for errors.
[[nodiscard]] Outcome<GuestConfig> parse_guest_config(std::string_view text, std::string_view name);

/// "10.0.2.15"; nothing where it is no such address.
[[nodiscard]] std::optional<Ipv4Address> parse_address(const std::string& text);
[[nodiscard]] std::string to_text(Ipv4Address address);

}  // namespace kos::init
