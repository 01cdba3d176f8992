// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a system image has beside the apps that it is packed for: message servers, switches and the
// gateway, which come from the networks that those apps are on and the ports that they publish.
#pragma once

#include "cli/pack/gateway.hpp"
#include "cli/pack/networks.hpp"
#include "cli/pack/pack.hpp"

#include <string>
#include <vector>

namespace kos::pack {

struct SystemPlan {
    NetworkPlan networks;  ///< the gateway's, where one is needed, before those of the apps
    GatewayNetworks gateway;
    std::vector<std::string> notes;  ///< for people
};

Outcome<SystemPlan> plan_system(const SystemSource& system);

}  // namespace kos::pack
