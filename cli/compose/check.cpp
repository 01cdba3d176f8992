// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/check.hpp"

#include "cli/compose/order.hpp"
#include "cli/compose/reader.hpp"

#include <algorithm>

namespace kos::compose {

namespace {

template <class T>
Outcome<void> expect_known(const std::vector<T>& elements, const std::string& name,
                           std::string_view kind, const Position& position) {
    std::vector<std::string_view> names;
    for (const T& each : elements) names.push_back(each.name);
    if (std::find(names.begin(), names.end(), name) != names.end()) return {};
    std::string detail = std::string{"there is no "}.append(kind).append(" ").append(name);
    if (const std::string_view meant = nearest(name, names); !meant.empty()) {
        detail.append("; did you mean ").append(meant).append("?");
    }
    return fail(ErrorCode::ComposeReference, to_string(position), std::move(detail));
}

Outcome<void> check_references(const Project& project, const Service& service) {
    for (const Dependency& dependency : service.depends_on) {
        KOS_TRY(expect_known(project.services, dependency.service, "service", dependency.position));
        const Service& other = *project.find_service(dependency.service);
        const bool is_never_healthy =
            other.healthcheck && other.healthcheck->test == Healthcheck::Test::Disabled;
        if (dependency.condition == Condition::Healthy && is_never_healthy) {
            return fail(ErrorCode::ComposeValue, to_string(dependency.position),
                        other.name + " has its healthcheck turned off, and is never healthy");
        }
    }
    for (const NetworkMembership& membership : service.networks) {
        KOS_TRY(expect_known(project.networks, membership.network, "network", membership.position));
    }
    std::vector<std::string_view> targets;
    for (const Mount& mount : service.volumes) {
        if (mount.type == Mount::Type::Volume && !mount.source.empty()) {
            KOS_TRY(expect_known(project.volumes, mount.source, "volume", mount.position));
        }
        if (std::find(targets.begin(), targets.end(), mount.target) != targets.end()) {
            return fail(ErrorCode::ComposeValue, to_string(mount.position),
                        "something is mounted at " + mount.target + " already");
        }
        targets.push_back(mount.target);
    }
    for (const FileReference& secret : service.secrets) {
        KOS_TRY(expect_known(project.secrets, secret.source, "secret", secret.position));
    }
    for (const FileReference& config : service.configs) {
        KOS_TRY(expect_known(project.configs, config.source, "config", config.position));
    }
    return {};
}

/// What two services can't both have.
Outcome<void> check_collisions(const Project& project) {
    std::map<std::string, std::string> ports, names;
    for (const Service& service : project.services) {
        if (!service.container_name.empty()) {
            const auto [other, is_new] = names.emplace(service.container_name, service.name);
            if (!is_new) {
                return fail(ErrorCode::ComposeValue, to_string(service.position),
                            service.name + " and " + other->second + " are both called " +
                                service.container_name);
            }
        }
        for (const Port& port : service.ports) {
            // Of a range one is taken that is free.
            if (!port.published || port.published->first != port.published->last) continue;
            const std::string number = std::to_string(port.published->first);
            const auto [other, is_new] = ports.emplace(port.host_ip + ":" + number, service.name);
            if (!is_new) {
                return fail(
                    ErrorCode::ComposeValue, to_string(port.position),
                    service.name + " and " + other->second + " both publish port " + number);
            }
        }
    }
    return {};
}

}  // namespace

Outcome<void> check(const Project& project) {
    for (const Service& service : project.services) KOS_TRY(check_references(project, service));
    KOS_TRY(check_collisions(project));
    KOS_TRY(start_order(project.services));
    return {};
}

}  // namespace kos::compose
