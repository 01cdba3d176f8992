// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/print.hpp"

#include "cli/compose/tmpfs.hpp"

#include <array>
#include <yaml-cpp/yaml.h>

namespace kos::compose {

namespace {

using Json = nlohmann::ordered_json;

/// A dollar sign in a compose file is written twice.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) result.append(c == '$' ? 2 : 1, c);
    return result;
}

Json to_json(const Strings& texts) {
    Json list = Json::array();
    for (const std::string& text : texts) list.push_back(escaped(text));
    return list;
}

Json to_json(const std::map<std::string, std::string>& texts) {
    Json mapping = Json::object();
    for (const auto& [key, text] : texts) mapping[key] = escaped(text);
    return mapping;
}

Json to_json(Duration duration) {
    struct Unit {
        std::int64_t nanoseconds;
        const char* name;
    };
    static constexpr std::array<Unit, 5> units{{{3'600'000'000'000, "h"},
                                                {60'000'000'000, "m"},
                                                {1'000'000'000, "s"},
                                                {1'000'000, "ms"},
                                                {1'000, "us"}}};
    std::string text;
    std::int64_t rest = duration.count();
    for (const Unit& unit : units) {
        if (rest < unit.nanoseconds) continue;
        text += std::to_string(rest / unit.nanoseconds) + unit.name;
        rest %= unit.nanoseconds;
    }
    return text.empty() ? "0s" : text;
}

/// Sets \p key where there is something to say.
void set(Json& json, const char* key, const std::string& value) {
    if (!value.empty()) json[key] = escaped(value);
}
void set(Json& json, const char* key, bool value) {
    if (value) json[key] = true;
}

/// Quoted, or YAML 1.2 takes it for a decimal number.
std::string octal(unsigned mode) {
    std::string digits;
    for (; mode != 0 || digits.empty(); mode /= 8) {
        digits.insert(digits.begin(), static_cast<char>('0' + mode % 8));
    }
    return "0" + digits;
}

std::string_view name_of(Condition condition) {
    switch (condition) {
        case Condition::Started:
            return "service_started";
        case Condition::Healthy:
            return "service_healthy";
        case Condition::CompletedSuccessfully:
            return "service_completed_successfully";
    }
    return "";
}

std::string_view name_of(Mount::Type type) {
    switch (type) {
        case Mount::Type::Volume:
            return "volume";
        case Mount::Type::Bind:
            return "bind";
        case Mount::Type::Tmpfs:
            return "tmpfs";
    }
    return "";
}

Json to_json(const Healthcheck& check) {
    Json json;
    if (check.test == Healthcheck::Test::Disabled) {
        json["disable"] = true;
        return json;
    }
    json["test"] = to_json(check.arguments);
    json["interval"] = to_json(check.interval);
    json["timeout"] = to_json(check.timeout);
    json["retries"] = check.retries;
    json["start_period"] = to_json(check.start_period);
    return json;
}

Json to_json(const Mount& mount) {
    Json json{{"type", name_of(mount.type)}};
    set(json, "source", mount.source);
    json["target"] = escaped(mount.target);
    set(json, "read_only", mount.read_only);
    if (mount.tmpfs.size) json["tmpfs"]["size"] = *mount.tmpfs.size;
    if (mount.tmpfs.mode) json["tmpfs"]["mode"] = octal(*mount.tmpfs.mode);
    return json;
}

Json to_json(const Port& port) {
    Json json;
    set(json, "host_ip", port.host_ip);
    json["target"] = port.target;
    if (port.published) {
        const auto [first, last] = *port.published;
        json["published"] =
            first == last ? Json(first) : Json(std::to_string(first) + "-" + std::to_string(last));
    }
    json["protocol"] = port.protocol;
    set(json, "name", port.name);
    set(json, "app_protocol", port.app_protocol);
    set(json, "mode", port.mode);
    return json;
}

Json to_json(const FileReference& reference) {
    Json json{{"source", reference.source}, {"target", escaped(reference.target)}};
    if (reference.uid) json["uid"] = *reference.uid;
    if (reference.gid) json["gid"] = *reference.gid;
    if (reference.mode) json["mode"] = octal(*reference.mode);
    return json;
}

Json to_json(const Device& device) {
    return device.source + ":" + device.target + ":" + device.permissions;
}

template <class T>
Json to_json(const std::vector<T>& elements) {
    Json list = Json::array();
    for (const T& each : elements) list.push_back(to_json(each));
    return list;
}

template <class T>
void set(Json& json, const char* key, const T& value) {
    if (!value.empty()) json[key] = to_json(value);
}

void set_restart(Json& json, const Restart& restart) {
    static constexpr std::array<const char*, 4> names{"no", "always", "on-failure",
                                                      "unless-stopped"};
    if (restart.delay || restart.window) {
        static constexpr std::array<const char*, 4> conditions{"none", "any", "on-failure", "any"};
        Json& policy = json["deploy"]["restart_policy"];
        policy["condition"] = conditions[static_cast<std::size_t>(restart.when)];
        if (restart.delay) policy["delay"] = to_json(*restart.delay);
        if (restart.most) policy["max_attempts"] = *restart.most;
        if (restart.window) policy["window"] = to_json(*restart.window);
        return;
    }
    if (restart.when == Restart::When::No) return;
    std::string text = names[static_cast<std::size_t>(restart.when)];
    if (restart.most) text += ":" + std::to_string(*restart.most);
    json["restart"] = text;
}

void set_dependencies(Json& json, const Service& service) {
    for (const Dependency& dependency : service.depends_on) {
        Json& entry = json["depends_on"][dependency.service];
        entry["condition"] = name_of(dependency.condition);
        set(entry, "restart", dependency.restart);
        entry["required"] = dependency.required;
    }
}

void set_limits(Json& json, const Service& service) {
    for (const auto& [name, limit] : service.ulimits) {
        if (limit.soft == limit.hard) {
            json["ulimits"][name] = limit.soft;
        } else {
            json["ulimits"][name] = {{"soft", limit.soft}, {"hard", limit.hard}};
        }
    }
    if (service.mem_limit) json["mem_limit"] = std::to_string(*service.mem_limit);
    if (service.cpus) json["cpus"] = *service.cpus;
}

/// The long form of a mount has no owner: such a tmpfs is written in the short one.
void set_mounts(Json& json, const Service& service) {
    std::vector<Mount> mounts;
    Strings owned;
    for (const Mount& mount : service.volumes) {
        if (mount.tmpfs.user || mount.tmpfs.group) {
            owned.push_back(mount.target + ":" + to_text(mount.tmpfs));
        } else {
            mounts.push_back(mount);
        }
    }
    set(json, "volumes", mounts);
    set(json, "tmpfs", owned);
}

const char* name_of(Logging::Driver driver) {
    switch (driver) {
        case Logging::Driver::JsonFile:
            return "json-file";
        case Logging::Driver::Local:
            return "local";
        case Logging::Driver::None:
            return "none";
    }
    return "json-file";
}

void set_logging(Json& json, const Service& service) {
    if (!service.keys.contains("logging")) return;
    const Logging& logging = service.logging;
    Json& to = json["logging"];
    to["driver"] = name_of(logging.driver);
    if (logging.max_size) to["options"]["max-size"] = std::to_string(*logging.max_size);
    if (logging.max_file) to["options"]["max-file"] = std::to_string(*logging.max_file);
}

Json to_json(const Service& service) {
    Json json{{"image", escaped(service.image)}};
    if (service.entrypoint) json["entrypoint"] = to_json(*service.entrypoint);
    if (service.command) json["command"] = to_json(*service.command);
    for (const auto& [name, value] : service.environment) {
        json["environment"][name] = value ? Json(escaped(*value)) : Json{};
    }
    set_dependencies(json, service);
    if (service.healthcheck) json["healthcheck"] = to_json(*service.healthcheck);
    set_restart(json, service.restart);
    for (const NetworkMembership& membership : service.networks) {
        Json& network = json["networks"][membership.network];
        set(network, "aliases", membership.aliases);
    }
    set_mounts(json, service);
    set(json, "ports", service.ports);
    set(json, "expose", service.expose);
    set(json, "secrets", service.secrets);
    set(json, "configs", service.configs);
    set(json, "devices", service.devices);
    set_limits(json, service);
    set(json, "cap_add", service.cap_add);
    set(json, "cap_drop", service.cap_drop);
    set(json, "privileged", service.privileged);
    set(json, "read_only", service.read_only);
    set(json, "init", service.init);
    set(json, "user", service.user);
    set(json, "working_dir", service.working_dir);
    set(json, "hostname", service.hostname);
    set(json, "container_name", service.container_name);
    set(json, "extra_hosts", service.extra_hosts);
    set(json, "sysctls", service.sysctls);
    set(json, "labels", service.labels);
    set(json, "profiles", service.profiles);
    set(json, "stop_signal", service.stop_signal);
    if (service.stop_grace_period) json["stop_grace_period"] = to_json(*service.stop_grace_period);
    set_logging(json, service);
    if (service.kind == Kind::Native) json["x-kos-kind"] = "native";
    if (service.kind == Kind::MicroVm) json["x-kos-kind"] = "microvm";
    if (service.priority) json["x-kos-priority"] = *service.priority;
    return json;
}

void set_files(Json& json, const char* section, const std::vector<File>& files) {
    for (const File& file : files) {
        const bool is_path = !file.file.empty();
        json[section][file.name][is_path ? "file" : "content"] =
            escaped(is_path ? file.file : file.content);
    }
}

void emit(YAML::Emitter& out, const Json& json) {
    switch (json.type()) {
        case Json::value_t::object:
            out << YAML::BeginMap;
            for (const auto& [key, value] : json.items()) {
                out << YAML::Key << key << YAML::Value;
                emit(out, value);
            }
            out << YAML::EndMap;
            break;
        case Json::value_t::array:
            out << YAML::BeginSeq;
            for (const Json& item : json) emit(out, item);
            out << YAML::EndSeq;
            break;
        case Json::value_t::string: {
            // Text that would read as something else is quoted.
            const std::string& text = json.get_ref<const std::string&>();
            const bool is_plain = !text.empty() && text.find_first_of("0123456789~") != 0 &&
                                  text != "true" && text != "false" && text != "null" &&
                                  text != "no" && text != "yes" && text != "on" && text != "off";
            out << (is_plain ? YAML::Auto : YAML::DoubleQuoted) << text;
            break;
        }
        case Json::value_t::null:
            out << YAML::Null;
            break;
        default:
            out << json.dump();
            break;
    }
}

}  // namespace

Json to_json(const Project& project) {
    Json json{{"name", project.name}};
    for (const Service& service : project.services) {
        json["services"][service.name] = to_json(service);
    }
    for (const Network& network : project.networks) {
        Json& entry = json["networks"][network.name];
        set(entry, "internal", network.internal);
        set(entry, "labels", network.labels);
        if (network.message_server) {
            entry["x-msg-server"] =
                network.message_server->server + "." + network.message_server->socket;
        }
    }
    for (const Volume& volume : project.volumes) {
        Json& entry = json["volumes"][volume.name];
        set(entry, "labels", volume.labels);
        if (!volume.tmpfs) continue;
        entry["driver_opts"] = {{"type", "tmpfs"}, {"device", "tmpfs"}};
        set(entry["driver_opts"], "o", to_text(*volume.tmpfs));
    }
    set_files(json, "secrets", project.secrets);
    set_files(json, "configs", project.configs);
    return json;
}

std::string to_yaml(const Project& project) {
    YAML::Emitter out;
    emit(out, to_json(project));
    return std::string{out.c_str()} + "\n";
}

}  // namespace kos::compose
