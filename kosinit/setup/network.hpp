// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Names and interfaces of the guest, IPv4.
#pragma once

#include "kosinit/setup/guest_config.hpp"

#include <string>
#include <vector>

namespace kos::init {

/// /etc/hosts: localhost, the guest itself, what the configuration adds.
[[nodiscard]] std::string hosts_file(const GuestConfig& config, Ipv4Address own_address);

/// /etc/resolv.conf; \p learned are DHCP's servers.
[[nodiscard]] std::string resolver_file(const GuestConfig& config,
                                        const std::vector<Ipv4Address>& learned);

/// Sets the host name and writes /etc/hostname, /etc/hosts and /etc/resolv.conf.
[[nodiscard]] Outcome<void> write_names(const GuestConfig& config, Ipv4Address own_address,
                                        const std::vector<Ipv4Address>& learned);

[[nodiscard]] Outcome<void> bring_up_loopback();

/// Finds the interface (by its MAC address where one is given), names it, sets its MTU, and
/// brings it up, without an address.
[[nodiscard]] Outcome<void> bring_up(const InterfaceConfig& config);

struct Addressing {
    Ipv4Address address = 0;
    unsigned prefix = 0;
    std::optional<Ipv4Address> gateway;
};
[[nodiscard]] Outcome<void> set_address(const std::string& interface, const Addressing& addressing);

}  // namespace kos::init
