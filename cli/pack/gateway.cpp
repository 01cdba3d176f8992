// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/gateway.hpp"

#include "cli/oci/labels.hpp"
#include "cli/pack/app_parts.hpp"
#include "cli/pack/elf_error.hpp"
#include "cli/pack/own_program.hpp"
#include "gateway/core/plan.hpp"
#include "loader/plan/gateway.hpp"

#include <algorithm>
#include <array>

namespace kos::pack {

namespace {

constexpr const char* gateway_name = "gateway";

/// Of the member of that network that is not the gateway: the one that joined behind it.
std::uint32_t address_on(std::uint32_t network, const NetworkPlan& plan) {
    std::uint32_t address = 0;
    for (const ServerPlan& server : plan.servers) {
        for (const message::Member& member : server.members) {
            for (const message::MemberAddress& own : member.addresses) {
                if (own.network == network) address = std::max(address, own.ipv4);
            }
        }
    }
    return address;
}

template <class T>
void append(std::vector<std::byte>& blob, const T& value) {
    const Bytes bytes = bytes_of(value);
    blob.insert(blob.end(), bytes.begin(), bytes.end());
}

manifest::App describe(const OwnProgram& program, ImageBuilder& builder) {
    manifest::App app;
    app.name = app.host_name = builder.add_text(gateway_name);
    app.kind = static_cast<std::uint8_t>(manifest::AppKind::Gateway);
    app.priority = app.max_priority = static_cast<std::uint8_t>(oci::AppSettings{}.priority);
    app.restart = static_cast<std::uint8_t>(manifest::RestartPolicy::OnFailure);
    app.restart_delay = Restart::default_delay;
    app.publishes = builder.add_list({});
    app.ready_protocol = builder.add_text("");
    set_own_program(program, builder, app);
    return app;
}

}  // namespace

void GatewayNetworks::join(NetworkedApp& app, const std::vector<std::uint16_t>& ports) {
    if (ports.empty()) return;
    published_.push_back({static_cast<std::uint32_t>(networks_.size()), ports});
    NetworkSource network{.name = "ports of " + app.name};
    network.is_named = network.is_unnamed = true;
    app.networks.push_back({network.name});
    networks_.push_back(std::move(network));
}

NetworkedApp GatewayNetworks::member() const {
    NetworkedApp gateway;
    gateway.name = gateway_name;
    gateway.is_gateway = true;
    for (const Published& service : published_) {
        gateway.networks.push_back({networks_[service.network].name});
    }
    return gateway;
}

Outcome<void> GatewayNetworks::add(const NetworkPlan& plan, const std::string& elf,
                                   ImageBuilder& builder) const {
    std::vector<gateway::PlanPort> ports;
    for (const Published& service : published_) {
        const std::uint32_t ipv4 = address_on(service.network, plan);
        for (const std::uint16_t port : service.ports) {
            ports.push_back({.ipv4 = ipv4, .port = port, .reserved = {}});
        }
    }
    if (ports.size() > gateway::max_ports) {
        return fail(ErrorCode::Unsupported, "ports",
                    "there are " + std::to_string(ports.size()) + ", at most " +
                        std::to_string(gateway::max_ports));
    }
    gateway::PlanHead head;
    head.ports = static_cast<std::uint32_t>(ports.size());
    std::vector<std::byte> blob;
    append(blob, head);
    for (const gateway::PlanPort& port : ports) append(blob, port);

    const OwnProgram program = KOS_TRY(add_own_program(gateway_name, elf, builder));
    plan::GatewayInputs inputs{.program = program.image, .program_blob = program.blob};
    inputs.plan_bytes = blob.size();
    inputs.plan_blob = builder.add_blob(manifest::BlobKind::GatewayPlan, std::move(blob));
    // All its networks have the message server of those that name none.
    inputs.lent = lent_areas(plan.apps.front()).front();
    const auto layout = plan::plan_gateway(inputs);
    if (!layout) return layout_error("gateway.elf", layout.error());
    manifest::App app = describe(program, builder);
    app.objects = layout->objects;
    const std::array<manifest::Dependency, 1> on{
        started(plan.apps.front().memberships.front().server)};
    builder.add_app(app, layout->mappings.items(), on);
    return {};
}

}  // namespace kos::pack
