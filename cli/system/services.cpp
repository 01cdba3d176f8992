// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/system/services.hpp"

#include "cli/compose/order.hpp"
#include "cli/file/file.hpp"
#include "cli/system/container.hpp"
#include "cli/system/lifecycle.hpp"
#include "cli/system/memory_volumes.hpp"
#include "cli/system/unsupported.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

namespace kos::system {
namespace {

using compose::Position;
using compose::Project;
using compose::Service;

Err<Error> wrong(const Position& position, const std::string& detail) {
    return fail(ErrorCode::ComposeValue, to_string(position), detail);
}

pack::ProcessOverrides process_of(const Service& service) {
    pack::ProcessOverrides process;
    if (service.entrypoint) {
        process.entrypoint = service.entrypoint->front();
        process.arguments.assign(service.entrypoint->begin() + 1, service.entrypoint->end());
    }
    if (service.command) {
        process.arguments.insert(process.arguments.end(), service.command->begin(),
                                 service.command->end());
    }
    for (const auto& [name, value] : service.environment) {
        if (value) process.environment.push_back(name + "=" + *value);
    }
    if (!service.working_dir.empty()) process.working_directory = service.working_dir;
    if (!service.user.empty()) process.user = service.user;
    process.read_only_root = service.read_only;
    return process;
}

Outcome<std::uint32_t> id_of(const std::optional<std::string>& text, const Position& position) {
    if (!text) return 0u;
    std::uint32_t value = 0;
    const char* const end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, value);
    if (error != std::errc{} || stop != end) {
        return wrong(position, "\"" + *text + "\" is no number of a user or group");
    }
    return value;
}

Outcome<void> add_files(const std::vector<compose::FileReference>& references,
                        const std::vector<compose::File>& files, std::vector<pack::ExtraFile>& to) {
    for (const compose::FileReference& reference : references) {
        const auto from = std::find_if(files.begin(), files.end(), [&](const compose::File& each) {
            return each.name == reference.source;
        });
        if (from == files.end()) continue;  // the reader has checked
        pack::ExtraFile file{.path = reference.target, .content = from->content};
        if (!from->file.empty()) {
            auto content = file::read(from->file);
            if (!content) {
                return fail(ErrorCode::File, from->file,
                            "of " + reference.source + ": " + content.error().detail);
            }
            file.content = std::move(content).value();
        }
        file.mode = reference.mode.value_or(0444);
        file.user = KOS_TRY(id_of(reference.uid, reference.position));
        file.group = KOS_TRY(id_of(reference.gid, reference.position));
        to.push_back(std::move(file));
    }
    return {};
}

/// kos uses one processor: as many are no limit.
Outcome<std::optional<double>> processors_of(const Service& service) {
    constexpr double least = 0.001;
    if (!service.cpus || *service.cpus >= 1) return std::optional<double>{};
    if (*service.cpus >= least) return service.cpus;
    return wrong(service.position_of(service.keys.contains("cpus") ? "cpus" : "deploy"),
                 "less than a thousandth of a processor");
}

Outcome<pack::PackOptions> options_of(const Project& project, const Service& service) {
    KOS_TRY(check_carried_out(project, service));
    pack::PackOptions options{.kind = {}, .process = process_of(service)};
    options.restart = KOS_TRY(restart_of(service));
    options.life = KOS_TRY(life_of(service));
    options.name = service.name;
    if (!service.hostname.empty()) options.host_name = service.hostname;
    if (service.kind == compose::Kind::Native) options.kind = manifest::AppKind::Native;
    if (service.kind == compose::Kind::MicroVm) options.kind = manifest::AppKind::MicroVm;
    if (service.priority) options.priority = static_cast<std::uint8_t>(*service.priority);
    options.memory = service.mem_limit;
    options.container = KOS_TRY(container_of(project, service));
    options.container.health = KOS_TRY(health_test_of(service));
    options.processors = KOS_TRY(processors_of(service));
    for (const auto& [name, address] : service.extra_hosts) {
        options.hosts.push_back({name, address});
    }
    for (const compose::Port& port : service.ports) {
        if (std::ranges::find(options.ports, port.target) != options.ports.end()) continue;
        options.ports.push_back(port.target);
    }
    for (const compose::NetworkMembership& membership : service.networks) {
        options.networks.push_back({membership.network, membership.aliases});
        if (service.container_name.empty()) continue;
        options.networks.back().aliases.push_back(service.container_name);
    }
    KOS_TRY(add_files(service.secrets, project.secrets, options.files));
    KOS_TRY(add_files(service.configs, project.configs, options.files));
    return options;
}

/// The image's place; the scheme decides on the kind where nothing else has.
Outcome<oci::ImageReference> resolve(const Project& project, const Service& service,
                                     const Store& store, std::optional<manifest::AppKind>& kind) {
    const std::string& name = service.image;
    if (name.starts_with("oci:") || name.starts_with("oci-archive:")) {
        oci::ImageReference reference = KOS_TRY(oci::parse_reference(name));
        reference.path = (std::filesystem::path{project.folder} / reference.path).string();
        return reference;
    }
    const StoredName stored = stored_name(name);
    if (!kind) kind = stored.kind;
    auto found = store.find(stored.name);
    if (found) return found;
    const Error& error = found.error();
    return fail(error.code, to_string(service.position_of("image")) + ": " + service.image,
                error.detail);
}

Outcome<std::set<std::string>> selected(const Project& project,
                                        const std::vector<std::string>& names) {
    std::vector<std::string> waiting = names;
    if (names.empty()) {
        for (const Service& service : project.services) waiting.push_back(service.name);
    }
    std::set<std::string> chosen;
    while (!waiting.empty()) {
        const std::string name = waiting.back();
        waiting.pop_back();
        if (!chosen.insert(name).second) continue;
        const Service* service = project.find_service(name);
        if (service == nullptr) {
            return fail(ErrorCode::ComposeReference, name, "the project has no such service");
        }
        for (const compose::Dependency& on : service->depends_on) waiting.push_back(on.service);
    }
    return chosen;
}

bool has_volume(const std::vector<PlannedVolume>& volumes, const std::string& name) {
    return !name.empty() && std::ranges::find(volumes, name, &PlannedVolume::name) != volumes.end();
}

/// Each once: a disk has one guest at a time, and memory one service.
Outcome<void> plan_volumes(const Project& project, const Service& service,
                           const std::vector<PlannedService>& others, PlannedService& plan) {
    for (const compose::Mount& mount : service.volumes) {
        if (mount.type != compose::Mount::Type::Volume) continue;
        const PlannedVolume volume{mount.source, volume_serial(mount.source), mount.position,
                                   mount.target};
        if (has_volume(plan.memory_volumes, volume.name)) return refuse_second_place(volume);
        if (has_volume(plan.volumes, volume.name)) continue;
        for (const PlannedService& other : others) {
            if (!has_volume(other.volumes, volume.name) &&
                !has_volume(other.memory_volumes, volume.name)) {
                continue;
            }
            return fail(ErrorCode::ComposeUnsupported, to_string(volume.position),
                        "volumes: " + volume.name + " is " + other.name +
                            "'s already: a disk has one guest, and memory one service; services "
                            "share what they send each other on a network, and configs");
        }
        const compose::Volume* const declared = project.find_volume(volume.name);
        const bool in_memory = declared != nullptr && declared->tmpfs.has_value();
        if (!in_memory && plan.volumes.size() == manifest::volume_group) {
            return fail(
                ErrorCode::ComposeUnsupported, to_string(mount.position),
                "volumes: a guest has " + std::to_string(manifest::volume_group) + " at most");
        }
        (in_memory ? plan.memory_volumes : plan.volumes).push_back(volume);
    }
    return {};
}

}  // namespace

Outcome<std::vector<PlannedService>> plan_services(const Project& project,
                                                   const std::vector<std::string>& names,
                                                   const Store& store) {
    const std::set<std::string> chosen = KOS_TRY(selected(project, names));
    std::vector<PlannedService> planned;
    for (const Service* service : KOS_TRY(compose::start_order(project.services))) {
        if (!chosen.contains(service->name)) continue;
        PlannedService plan{.name = service->name,
                            .image = service->image,
                            .reference = {},
                            .options = KOS_TRY(options_of(project, *service)),
                            .ports = service->ports};
        KOS_TRY(plan_volumes(project, *service, planned, plan));
        plan.unless_microvm = refusal_if_native(project, *service);
        plan.unless_native = refusal_if_microvm(*service);
        plan.reference = KOS_TRY(resolve(project, *service, store, plan.options.kind));
        planned.push_back(std::move(plan));
    }
    return planned;
}

Outcome<void> admit_ports(const boards::Board& board, const std::vector<PlannedService>& services) {
    if (board.qemu.has_uplink) return {};
    for (const PlannedService& service : services) {
        if (service.ports.empty()) continue;
        return fail(ErrorCode::ComposeUnsupported, to_string(service.ports.front().position),
                    "ports: " + std::string{board.name} +
                        " has no uplink that leads to them; the simulator and "
                        "--board qemu_virt_aarch64 have");
    }
    return {};
}

void add_uplinks(const Project& project, std::vector<PlannedService>& services) {
    const auto is_open = [&](const pack::Membership& membership) {
        const auto found = std::find_if(
            project.networks.begin(), project.networks.end(),
            [&](const compose::Network& network) { return network.name == membership.network; });
        return found != project.networks.end() && !found->internal;
    };
    for (PlannedService& service : services) {
        const auto& networks = service.options.networks;
        service.options.uplink = std::any_of(networks.begin(), networks.end(), is_open);
    }
}

std::vector<pack::NetworkSource> networks_of(const Project& project) {
    std::vector<pack::NetworkSource> networks;
    for (const compose::Network& from : project.networks) {
        pack::NetworkSource network{.name = from.name};
        network.joins_natives = joins_natives(project, from.name);
        network.is_named = from.message_server.has_value();
        if (from.message_server) {
            network.server = from.message_server->server;
            network.socket = from.message_server->socket;
        }
        networks.push_back(std::move(network));
    }
    return networks;
}

Outcome<pack::SystemSource> load_services(std::vector<PlannedService>& services) {
    pack::SystemSource system;
    for (PlannedService& service : services) {
        oci::Image image = KOS_TRY(oci::load_image(service.reference));
        const bool is_native =
            KOS_TRY(pack::kind_of(image, service.options)) == manifest::AppKind::Native;
        const std::optional<Error>& refusal =
            is_native ? service.unless_microvm : service.unless_native;
        if (refusal) return Err{*refusal};
        if (is_native) KOS_TRY(keep_in_memory(service));
        system.apps.push_back({std::move(image), service.options});
    }
    return system;
}

}  // namespace kos::system
