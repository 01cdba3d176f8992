// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/unsupported.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace kos::system {
namespace {

using compose::Position;
using compose::Project;
using compose::Service;

struct Refused {
    std::string_view key;
    std::string_view reason;
};

/// Keys that speak of a Linux container: a native app has nothing that they could mean. What it
/// does not have it need not drop, so `cap_drop` is none of them.
constexpr auto of_microvms = std::to_array<Refused>({
    {"cap_add", "a native app has no capabilities of Linux, and no use for them"},
    {"devices", "a native app has no devices"},
    {"init", "a native app has no other processes"},
    {"privileged", "a native app has what its manifest says"},
    {"sysctls", "a native app has no kernel settings of its own"},
    {"ulimits", "a native app has the limits of its manifest (mem_limit)"},
});

Err<Error> refuse(const Position& position, const std::string& detail) {
    return fail(ErrorCode::ComposeUnsupported, to_string(position), detail);
}
/// What a service says that has no effect can be said: `init: false`.
bool says_nothing(const Service& service, std::string_view key) {
    return (key == "init" && !service.init) || (key == "privileged" && !service.privileged);
}

/// The first of the keys of microVMs that the service has, as an error.
std::optional<Error> refusal_of(const Service& service) {
    for (const Refused& key : of_microvms) {
        const auto found = service.keys.find(std::string{key.key});
        if (found == service.keys.end() || says_nothing(service, key.key)) continue;
        return Error{ErrorCode::ComposeUnsupported, to_string(found->second),
                     std::string{key.key} + ": " + std::string{key.reason}};
    }
    return std::nullopt;
}

Outcome<void> check_mounts(const Service& service) {
    for (const compose::Mount& mount : service.volumes) {
        if (mount.type == compose::Mount::Type::Bind) {
            return refuse(mount.position,
                          "volumes: a device does not have this machine's folders; configs and "
                          "secrets put files into the image, named volumes keep what is written");
        }
    }
    return {};
}

Outcome<void> check_health(const Project& project, const Service& service) {
    for (const compose::Dependency& dependency : service.depends_on) {
        if (dependency.condition != compose::Condition::Healthy) continue;
        const Service* on = project.find_service(dependency.service);
        if (on != nullptr && is_looked_at(*on)) continue;
        return refuse(dependency.position,
                      "service_healthy: nobody looks at that service's health");
    }
    return {};
}

/// Where the image has some of its own, there is no way to say so.
Outcome<void> check_words(const Service& service) {
    const auto check = [&](const auto& words, const std::string& key) -> Outcome<void> {
        if (!words || !words->empty()) return {};
        return refuse(service.position_of(key), key + ": it cannot be emptied");
    };
    KOS_TRY(check(service.command, "command"));
    return check(service.entrypoint, "entrypoint");
}

}  // namespace

bool is_looked_at(const Service& service) {
    return service.healthcheck && service.healthcheck->test != compose::Healthcheck::Test::Disabled;
}

std::optional<Error> refusal_if_native(const Project& project, const Service& service) {
    using Test = compose::Healthcheck::Test;
    for (const compose::NetworkMembership& membership : service.networks) {
        if (membership.aliases.empty() || joins_natives(project, membership.network)) continue;
        return Error{ErrorCode::ComposeUnsupported, to_string(service.position_of("networks")),
                     "networks: the network default joins native services only where it has an "
                     "x-msg-server"};
    }
    if (service.healthcheck && service.healthcheck->test == Test::Command) {
        return Error{ErrorCode::ComposeUnsupported, to_string(service.healthcheck->position),
                     "healthcheck: a native app runs no commands; PORT and PROTOCOL test it"};
    }
    return refusal_of(service);
}

std::optional<Error> refusal_if_microvm(const Service& service) {
    for (const compose::Mount& mount : service.volumes) {
        if (mount.type != compose::Mount::Type::Volume || !mount.source.empty()) continue;
        return Error{ErrorCode::ComposeUnsupported, to_string(mount.position),
                     "volumes: nothing finds a volume without a name again"};
    }
    return std::nullopt;
}

bool joins_natives(const Project& project, const std::string& network) {
    const auto found = std::find_if(project.networks.begin(), project.networks.end(),
                                    [&](const auto& each) { return each.name == network; });
    return network != "default" || (found != project.networks.end() && found->message_server);
}

Outcome<void> check_carried_out(const Project& project, const Service& service) {
    KOS_TRY(check_mounts(service));
    KOS_TRY(check_words(service));
    return check_health(project, service);
}

}  // namespace kos::system
