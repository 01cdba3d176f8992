// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// DHCP (RFC 2131, 2132): one lease at boot. Leases are not renewed: a guest's network is as long as
// the guest.
//
//     guest ── Discover ──► everybody          (0.0.0.0 to 255.255.255.255)
//       │ ◄──── Offer ───── server
//       └───── Request ───► everybody ── Ack or Nak ──► guest
#pragma once

#include "kosinit/setup/guest_config.hpp"
#include "kosinit/setup/network.hpp"
#include "lib/base/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kos::init {

enum class DhcpType : std::uint8_t { Discover = 1, Offer = 2, Request = 3, Ack = 5, Nak = 6 };

/// What of a server's answer is used.
struct DhcpAnswer {
    DhcpType type{};
    Ipv4Address address = 0;
    unsigned prefix = 24;
    Ipv4Address server = 0;
    std::optional<Ipv4Address> gateway;
    std::vector<Ipv4Address> dns_servers;
};

struct DhcpRequest {
    std::uint32_t transaction = 0;
    MacAddress mac{};
    DhcpType type = DhcpType::Discover;
    Ipv4Address address = 0;  ///< asked for, in a Request
    Ipv4Address server = 0;
};

[[nodiscard]] std::string encode(const DhcpRequest& request);

/// Nothing where it is no well-formed answer to this transaction and address.
[[nodiscard]] std::optional<DhcpAnswer> parse_dhcp(Bytes packet, std::uint32_t transaction,
                                                   const MacAddress& mac);

/// Asks until there is a lease, for some seconds. The interface is up and has no address.
[[nodiscard]] Outcome<DhcpAnswer> ask_for_lease(const std::string& interface);

}  // namespace kos::init
