// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/system_plan.hpp"

#include "cli/pack/app_kind.hpp"

#include <algorithm>

namespace kos::pack {

namespace {

/// The networks that the app is on: some join no native apps.
std::vector<Membership> networks_for(bool is_microvm, const PackOptions& options,
                                     const std::vector<NetworkSource>& networks) {
    std::vector<Membership> on = options.networks;
    if (is_microvm) return on;
    std::erase_if(on, [&](const Membership& membership) {
        return std::any_of(networks.begin(), networks.end(), [&](const NetworkSource& network) {
            return network.name == membership.network && !network.joins_natives;
        });
    });
    return on;
}

/// Nobody reaches an app that is on no network and publishes no ports: it has no name there.
bool is_reached(const PackOptions& options) {
    return !options.networks.empty() || !options.ports.empty() || options.uplink;
}

Outcome<NetworkedApp> networked(const AppSource& source,
                                const std::vector<NetworkSource>& networks) {
    NetworkedApp app;
    if (!is_reached(source.options)) return app;
    const oci::AppSettings settings = KOS_TRY(settings_of(source.image));
    app.name = source.options.name.value_or(settings.name.value_or("app"));
    app.publishes = settings.publishes;
    if (source.options.host_name) app.aliases.push_back(*source.options.host_name);
    app.is_microvm = kind_of(settings, source.options) == manifest::AppKind::MicroVm;
    app.networks = networks_for(app.is_microvm, source.options, networks);
    app.has_uplink = app.is_microvm && source.options.uplink;
    return app;
}

}  // namespace

Outcome<SystemPlan> plan_system(const SystemSource& system) {
    SystemPlan plan{.networks = {}, .gateway = GatewayNetworks{system}, .notes = {}};
    std::vector<NetworkedApp> apps;
    for (const AppSource& source : system.apps) {
        NetworkedApp app = KOS_TRY(networked(source, system.networks));
        plan.gateway.join(app, source.options.ports);
        if (source.options.uplink && !app.is_microvm) {
            plan.notes.push_back(app.name + ": only microVMs have a way to the host's network");
        }
        apps.push_back(std::move(app));
    }
    if (plan.gateway.is_needed()) apps.insert(apps.begin(), plan.gateway.member());
    plan.networks = KOS_TRY(plan_networks(plan.gateway.networks(), apps, system.project));
    return plan;
}

Outcome<std::set<manifest::AppKind>> kinds_of(const SystemSource& system) {
    using manifest::AppKind;
    const SystemPlan plan = KOS_TRY(plan_system(system));
    std::set<AppKind> kinds;
    if (!plan.networks.servers.empty()) kinds.insert(AppKind::MessageServer);
    if (!plan.networks.switches.empty()) kinds.insert(AppKind::NetworkSwitch);
    if (plan.gateway.is_needed()) kinds.insert(AppKind::Gateway);
    for (const AppSource& app : system.apps) {
        kinds.insert(KOS_TRY(kind_of(app.image, app.options)));
    }
    return kinds;
}

}  // namespace kos::pack
