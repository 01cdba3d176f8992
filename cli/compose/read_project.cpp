// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The typed project out of one whole document.

#include "cli/compose/check.hpp"
#include "cli/compose/project.hpp"
#include "cli/compose/reader.hpp"
#include "cli/compose/service.hpp"
#include "cli/compose/tmpfs.hpp"
#include "cli/file/file.hpp"

#include <algorithm>
#include <array>

namespace kos::compose {

namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string_view>;

constexpr std::string_view default_network = "default";

constexpr std::array<UnsupportedKey, 2> unsupported_top_level{{
    {"include", "use -f several times, or extends"},
    {"models", "there are none"},
}};

bool is_name(std::string_view text) {
    constexpr std::string_view punctuation = "._-";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
        return std::isalnum(c) != 0 || punctuation.find(static_cast<char>(c)) != punctuation.npos;
    });
}

std::string project_name_from(std::string_view text) {
    std::string name;
    for (const unsigned char c : text) {
        const bool is_kept = std::isalnum(c) != 0 || (!name.empty() && (c == '_' || c == '-'));
        if (is_kept) name += static_cast<char>(std::tolower(c));
    }
    return name;
}

Outcome<std::string> read_name(const Value& document, const ProjectOptions& options,
                               const Variables& variables, const fs::path& folder) {
    const auto from_environment = variables.find("COMPOSE_PROJECT_NAME");
    const Value* name = document.find("name");
    std::string where = folder.string(), given;
    if (!options.name.empty()) {
        where = "--project-name", given = options.name;
    } else if (from_environment != variables.end() && !from_environment->second.empty()) {
        where = "COMPOSE_PROJECT_NAME", given = from_environment->second;
    } else if (name != nullptr) {
        where = to_string(name->position), given = KOS_TRY(read_text(*name));
    } else {
        given = project_name_from(folder.filename().string());
        if (!given.empty()) return given;
    }
    if (given.empty() || given != project_name_from(given)) {
        return fail(ErrorCode::ComposeValue, where,
                    given +
                        ": a project's name has lower-case letters, digits, - and _, and begins "
                        "with a letter or digit");
    }
    return given;
}

template <class T>
using ReadEntry = Outcome<T> (*)(const Value::Entry& entry);

/// The top-level mapping \p section, an element for each entry.
template <class T>
Outcome<std::vector<T>> read_section(const Value& document, std::string_view section,
                                     ReadEntry<T> read) {
    std::vector<T> elements;
    const Value* mapping = document.find(section);
    if (mapping == nullptr || mapping->is_null()) return elements;
    KOS_TRY(expect_mapping(*mapping, section));
    for (const Value::Entry& entry : mapping->entries) {
        if (!is_name(entry.key)) {
            return fail(ErrorCode::ComposeValue, to_string(entry.position),
                        entry.key + ": a name has letters, digits, dot, - and _");
        }
        elements.push_back(KOS_TRY(read(entry)));
    }
    return elements;
}

Outcome<MessageServer> read_message_server(const Value& value) {
    const std::string text = KOS_TRY(read_text(value));
    const std::size_t dot = text.find('.');
    MessageServer server{text.substr(0, dot), dot == text.npos ? "" : text.substr(dot + 1)};
    if (!is_name(server.server) || !is_name(server.socket)) {
        return refuse_value(value, "it should be SERVER.SOCKET, as Poukai.msg0");
    }
    return server;
}

Outcome<Network> read_network(const Value::Entry& entry) {
    static constexpr std::array<UnsupportedKey, 7> unsupported{{
        {"attachable", "there is one host only"},
        {"driver_opts", "there is one kind of network"},
        {"enable_ipv4", "addresses are given by kos"},
        {"enable_ipv6", "addresses are given by kos"},
        {"external", "a project's networks are its own"},
        {"ipam", "addresses are given by kos"},
        {"name", "a project's networks are its own"},
    }};
    Network network{.name = entry.key};
    const Value& value = entry.value;
    if (value.is_null()) return network;
    KOS_TRY(check_keys(value, "a network", Names{"driver", "internal", "labels", "x-msg-server"},
                       unsupported));
    if (const Value* driver = value.find("driver"); driver && driver->text != "bridge") {
        return fail(ErrorCode::ComposeUnsupported, to_string(driver->position),
                    driver->text + ": the only kind of network is bridge");
    }
    if (const Value* internal = value.find("internal")) {
        network.internal = KOS_TRY(read_bool(*internal));
    }
    if (const Value* labels = value.find("labels")) {
        network.labels = KOS_TRY(read_text_map(*labels));
    }
    if (const Value* server = value.find("x-msg-server")) {
        network.message_server = KOS_TRY(read_message_server(*server));
    }
    return network;
}

Outcome<Volume> read_volume(const Value::Entry& entry) {
    static constexpr std::array<UnsupportedKey, 2> unsupported{{
        {"external", "a project's volumes are its own"},
        {"name", "a project's volumes are its own"},
    }};
    Volume volume{.name = entry.key};
    if (entry.value.is_null()) return volume;
    KOS_TRY(
        check_keys(entry.value, "a volume", Names{"driver", "driver_opts", "labels"}, unsupported));
    if (const Value* driver = entry.value.find("driver"); driver && driver->text != "local") {
        return fail(ErrorCode::ComposeUnsupported, to_string(driver->position),
                    driver->text + ": the only kind of volume is local");
    }
    if (const Value* labels = entry.value.find("labels")) {
        volume.labels = KOS_TRY(read_text_map(*labels));
    }
    if (const Value* options = entry.value.find("driver_opts")) {
        volume.tmpfs = KOS_TRY(read_driver_options(*options));
    }
    return volume;
}

Outcome<File> read_file_entry(const Value::Entry& entry) {
    static constexpr std::array<UnsupportedKey, 5> unsupported{{
        {"driver", "name a file"},
        {"external", "name a file"},
        {"labels", "nothing reads them"},
        {"name", "a project's secrets and configs are its own"},
        {"template_driver", "name a file"},
    }};
    KOS_TRY(check_keys(entry.value, "a secret or config", Names{"file", "content", "environment"},
                       unsupported));
    File file{.name = entry.key};
    if (const Value* path = entry.value.find("file")) file.file = KOS_TRY(read_text(*path));
    if (const Value* content = entry.value.find("content")) {
        file.content = KOS_TRY(read_text(*content));
    }
    if (entry.value.entries.size() != 1) {
        return fail(ErrorCode::ComposeValue, to_string(entry.position),
                    entry.key + " has one of file, content and environment");
    }
    return file;
}

/// The content of secrets and configs that are variables.
Outcome<void> fill_from_environment(const Value& document, std::string_view section,
                                    const Variables& variables, std::vector<File>& files) {
    for (File& file : files) {
        const Value* variable = document.find(section)->find(file.name)->find("environment");
        if (variable == nullptr) continue;
        const auto found = variables.find(variable->text);
        if (found == variables.end()) {
            return fail(ErrorCode::ComposeVariable, to_string(variable->position),
                        variable->text + " is not set");
        }
        file.content = found->second;
    }
    return {};
}

/// Variables of `env_file`, under those of `environment`; names without a value take kos's.
Outcome<void> complete_environment(const Value& service_value, const Variables& variables,
                                   Service& service) {
    std::map<std::string, std::optional<std::string>> complete;
    if (const Value* files = service_value.find("env_file")) {
        KOS_TRY(expect_list(*files, "env_file"));
        for (const Value& item : files->items) {
            KOS_TRY(check_keys(item, "env_file", Names{"path", "required"}));
            const Value* path = item.find("path");
            if (path == nullptr) return refuse_value(item, "path is missing");
            const Value* required = item.find("required");
            const bool is_required = required == nullptr || KOS_TRY(read_bool(*required));
            const auto text = file::read(path->text);
            if (!text && !is_required) continue;
            if (!text) {
                return fail(ErrorCode::File, to_string(path->position),
                            path->text + ": " + text.error().detail);
            }
            for (auto& [name, value] :
                 KOS_TRY(parse_environment_file(*text, path->text, variables))) {
                complete[name] = std::move(value);
            }
        }
    }
    for (auto& [name, value] : service.environment) {
        const auto known = variables.find(name);
        if (!value && known != variables.end()) value = known->second;
        complete[name] = std::move(value);
    }
    service.environment = std::move(complete);
    return {};
}

bool is_active(const Service& service, const Strings& profiles) {
    return service.profiles.empty() ||
           std::any_of(service.profiles.begin(), service.profiles.end(), [&](const auto& each) {
               return std::find(profiles.begin(), profiles.end(), each) != profiles.end();
           });
}

Outcome<std::vector<Service>> read_services(const Value& document, const Variables& variables,
                                            const Strings& profiles) {
    std::vector<Service> services =
        KOS_TRY(read_section<Service>(document, "services", &read_service));
    if (services.empty()) {
        return fail(ErrorCode::ComposeValue, to_string(document.position),
                    "the project has no services");
    }
    for (Service& service : services) {
        KOS_TRY(complete_environment(*document.find("services")->find(service.name), variables,
                                     service));
        if (service.networks.empty()) {
            service.networks.push_back(
                {.network = std::string{default_network}, .position = service.position});
        }
    }
    // A service that is not active may be named all the same, so that its dependents can say why.
    for (Service& service : services) {
        if (!is_active(service, profiles)) continue;
        std::erase_if(service.depends_on, [&](const Dependency& dependency) {
            const auto found =
                std::find_if(services.begin(), services.end(),
                             [&](const Service& each) { return each.name == dependency.service; });
            return !dependency.required &&
                   (found == services.end() || !is_active(*found, profiles));
        });
        for (const Dependency& dependency : service.depends_on) {
            const auto found =
                std::find_if(services.begin(), services.end(),
                             [&](const Service& each) { return each.name == dependency.service; });
            if (found != services.end() && !is_active(*found, profiles)) {
                return fail(ErrorCode::ComposeReference, to_string(dependency.position),
                            service.name + " depends on " + dependency.service +
                                ", which is in the profile " + found->profiles.front() +
                                " only: give --profile " + found->profiles.front());
            }
        }
    }
    std::erase_if(services, [&](const Service& each) { return !is_active(each, profiles); });
    return services;
}

}  // namespace

const Volume* Project::find_volume(std::string_view volume) const {
    const auto found = std::ranges::find(volumes, volume, &Volume::name);
    return found == volumes.end() ? nullptr : &*found;
}

const Service* Project::find_service(std::string_view service) const {
    const auto found = std::find_if(services.begin(), services.end(),
                                    [&](const Service& each) { return each.name == service; });
    return found == services.end() ? nullptr : &*found;
}

Outcome<Project> read_project(const Value& document, const ProjectOptions& options,
                              const Variables& variables, const fs::path& folder) {
    KOS_TRY(check_keys(
        document, "a compose file",
        Names{"version", "name", "services", "networks", "volumes", "secrets", "configs"},
        unsupported_top_level));
    Project project;
    project.name = KOS_TRY(read_name(document, options, variables, folder));
    project.folder = folder.string();
    project.networks = KOS_TRY(read_section<Network>(document, "networks", &read_network));
    project.volumes = KOS_TRY(read_section<Volume>(document, "volumes", &read_volume));
    project.secrets = KOS_TRY(read_section<File>(document, "secrets", &read_file_entry));
    project.configs = KOS_TRY(read_section<File>(document, "configs", &read_file_entry));
    KOS_TRY(fill_from_environment(document, "secrets", variables, project.secrets));
    KOS_TRY(fill_from_environment(document, "configs", variables, project.configs));
    project.services = KOS_TRY(read_services(document, variables, options.profiles));
    const bool uses_default =
        std::any_of(project.services.begin(), project.services.end(), [](const Service& each) {
            return std::any_of(each.networks.begin(), each.networks.end(),
                               [](const auto& net) { return net.network == default_network; });
        });
    const bool names_default =
        std::any_of(project.networks.begin(), project.networks.end(),
                    [](const Network& each) { return each.name == default_network; });
    if (uses_default && !names_default) {
        project.networks.push_back({.name = std::string{default_network}});
    }
    KOS_TRY(check(project));
    return project;
}

}  // namespace kos::compose
