// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The networks of a system: which message server serves which apps, which microVMs are joined by a
// switch, their addresses, and what they find in /etc/hosts (docs/compose.md, "Networks").
#pragma once

#include "cli/pack/pack.hpp"
#include "lib/ethernet/plan_builder.hpp"
#include "lib/message/plan_builder.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kos::pack {

/// A message server, which is the app of the number that it has in the list.
struct ServerPlan {
    std::string name;
    std::vector<message::Member> members;  ///< `app` is the number in the system image
};

/// The switch of an Ethernet, which is an app behind the message servers.
struct SwitchPlan {
    std::string network;
    std::vector<ethernet::Member> members;  ///< `app` is the number in the system image
};

/// That an app is member number `member` of the message server or switch that is app number
/// `server`.
struct MemberPlan {
    std::uint32_t server = 0, member = 0;
};

/// An interface of a microVM: eth0, eth1 and so on in their order.
struct InterfacePlan {
    static constexpr unsigned prefix = 24;  ///< bits of a network's address

    std::string network;
    std::array<std::uint8_t, 6> mac{};
    std::uint32_t ipv4 = 0;  ///< 0: what the way to the host's network has (lib/vm/uplink.hpp)
    /// Its switch's number among AppNetworks::switches; nothing where nobody else is there.
    std::optional<std::size_t> port{};
};

struct AppNetworks {
    std::vector<MemberPlan> memberships{};
    std::vector<MemberPlan> switches{};
    std::vector<InterfacePlan> interfaces{};
    std::string hosts{};  ///< /etc/hosts; empty: it is on no network
    // Of a microVM:
    std::vector<ExtraHost> known{};        ///< who is on its interfaces' networks
    std::vector<ExtraHost> services{};     ///< who is on those of message servers, itself included
    std::vector<std::uint32_t> unnamed{};  ///< who connects to it from there and has no name
    std::vector<std::uint32_t> own{};      ///< its addresses there
    std::vector<std::string> sockets{};    ///< of its message servers, in their order: msg0
};

struct NetworkPlan {
    std::vector<ServerPlan> servers;
    std::vector<SwitchPlan> switches;
    std::vector<AppNetworks> apps;  ///< in the order of the system's

    /// Apps of the image that are none of the system's, and before those.
    [[nodiscard]] std::size_t server_count() const { return servers.size() + switches.size(); }
};

/// What the plan needs to know of an app.
struct NetworkedApp {
    std::string name;
    std::vector<std::string> publishes;
    std::vector<Membership> networks;
    std::vector<std::string> aliases;  ///< such as its host name
    bool is_microvm = false;
    bool is_gateway = false;
    bool has_uplink = false;
};

/// 10.89.1.2
[[nodiscard]] std::string ipv4_text(std::uint32_t ipv4);

/// A locally administered unicast address, the same for the same \p project, \p app and
/// \p network.
[[nodiscard]] std::array<std::uint8_t, 6> mac_of(const std::string& project, const std::string& app,
                                                 const std::string& network);

/// Network n has the addresses 10.89.n.0/24, its apps from .2 on, in their order. KOS-E-UNSUPPORTED
/// where there are too many networks, apps on one, or servers or interfaces of one app,
/// KOS-E-COMPOSE-REFERENCE where a network is not there. A network without a message server that
/// has microVMs alone on it is one of Ethernet; two of them or more have a switch.
Outcome<NetworkPlan> plan_networks(const std::vector<NetworkSource>& networks,
                                   const std::vector<NetworkedApp>& apps,
                                   const std::string& project = {});

}  // namespace kos::pack
