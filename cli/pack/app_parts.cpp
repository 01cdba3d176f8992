// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/app_parts.hpp"

#include "loader/plan/message_server.hpp"

#include <cmath>

namespace kos::pack {

namespace {

/// Microseconds from one time slice of 10 ms to the next.
std::uint32_t period_of(const AppParts& parts, manifest::AppKind kind) {
    const std::uint64_t threads =
        kind == manifest::AppKind::MicroVm ? parts.settings.vm_cpus : parts.settings.threads;
    constexpr std::uint32_t time_slice = 10'000;
    if (!parts.options.processors) return time_slice;
    return static_cast<std::uint32_t>(
        std::ceil(time_slice * static_cast<double>(threads) / *parts.options.processors));
}

}  // namespace

std::vector<manifest::Mapping> lent_areas(const AppNetworks& networks) {
    std::vector<manifest::Mapping> lent;
    for (const auto* members : {&networks.memberships, &networks.switches}) {
        for (const MemberPlan& one : *members) {
            lent.push_back(
                plan::lent_area(one.server, one.member, static_cast<std::uint32_t>(lent.size())));
        }
    }
    return lent;
}

std::vector<manifest::Mapping> lent_areas_and_lanes(const AppNetworks& networks) {
    std::vector<manifest::Mapping> mappings = lent_areas(networks);
    std::uint32_t membership = 0;
    for (const MemberPlan& one : networks.memberships) {
        mappings.push_back(plan::lane_places(one.server, membership++));
    }
    return mappings;
}

manifest::Dependency started(std::uint32_t app) {
    manifest::Dependency dependency;
    dependency.app = app;
    dependency.condition = static_cast<std::uint8_t>(manifest::Condition::Started);
    dependency.flags = manifest::dependency_flag::required;
    return dependency;
}

manifest::App start_record(const AppParts& parts, manifest::AppKind kind, ImageBuilder& builder) {
    manifest::App app;
    app.name = builder.add_text(parts.names.app);
    app.host_name = builder.add_text(parts.names.host);
    app.kind = static_cast<std::uint8_t>(kind);
    app.priority = static_cast<std::uint8_t>(parts.settings.priority);
    app.max_priority = static_cast<std::uint8_t>(parts.settings.max_priority);
    app.publishes = builder.add_list(parts.settings.publishes);

    const Restart& restart = parts.options.restart;
    app.restart = static_cast<std::uint8_t>(restart.policy);
    app.restart_limit = restart.limit;
    app.restart_delay = restart.delay;
    app.restart_delay_most = restart.most_delay;
    app.restart_window = restart.window_from_start(kind);

    const Lifecycle& life = parts.options.life;
    app.stop_signal = parts.stop_signal;
    if (life.stop_grace) app.stop_grace = *life.stop_grace;
    app.readiness = static_cast<std::uint8_t>(life.readiness);
    app.ready_port = life.ready_port;
    app.ready_protocol = builder.add_text(life.ready_protocol);
    app.ready_within = life.ready_within;
    app.period = period_of(parts, kind);
    return app;
}

}  // namespace kos::pack
