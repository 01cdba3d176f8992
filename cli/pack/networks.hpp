// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The networks of a system: which message server serves which apps, their addresses, and what they
// find in /etc/hosts.
#pragma once

#include "cli/pack/pack.hpp"
#include "lib/message/plan_builder.hpp"

#include <string>
#include <vector>

namespace kos::pack {

/// A message server, which is the app of the number that it has in the list.
struct ServerPlan {
    std::string name;
    std::vector<message::Member> members;  ///< `app` is the number in the system image
};

/// That an app is member number `member` of message server number `server`.
struct MemberPlan {
    std::uint32_t server = 0, member = 0;
};

struct AppNetworks {
    std::vector<MemberPlan> memberships;
    std::string hosts;  ///< /etc/hosts; empty: it is on no network
};

struct NetworkPlan {
    std::vector<ServerPlan> servers;
    std::vector<AppNetworks> apps;  ///< in the order of the system's
};

/// What the plan needs to know of an app.
struct NetworkedApp {
    std::string name;
    std::vector<std::string> publishes;
    std::vector<Membership> networks;
    std::vector<std::string> aliases;  ///< such as its host name
};

/// Network n has the addresses 10.89.n.0/24, its apps from .2 on, in their order. KOS-E-UNSUPPORTED
/// where there are too many networks, apps on one, or message servers of one app,
/// KOS-E-COMPOSE-REFERENCE where a network is not there.
Outcome<NetworkPlan> plan_networks(const std::vector<NetworkSource>& networks,
                                   const std::vector<NetworkedApp>& apps);

}  // namespace kos::pack
