// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/compose/service_parts.hpp"

#include "cli/compose/field.hpp"

#include <algorithm>
#include <array>

namespace kos::compose {

namespace {

Outcome<unsigned> read_count(const Value& value) {
    return static_cast<unsigned>(KOS_TRY(read_number(value, 0, 1'000'000)));
}

}  // namespace

Outcome<std::vector<Dependency>> read_dependencies(const Value& value) {
    static constexpr Named<Condition> conditions[] = {
        {"service_started", Condition::Started},
        {"service_healthy", Condition::Healthy},
        {"service_completed_successfully", Condition::CompletedSuccessfully}};
    KOS_TRY(expect_mapping(value, "depends_on"));
    std::vector<Dependency> dependencies;
    for (const Value::Entry& entry : value.entries) {
        KOS_TRY(check_keys(entry.value, "a dependency", Names{"condition", "restart", "required"}));
        Dependency dependency{.service = entry.key, .position = entry.position};
        KOS_TRY(optionally(entry.value, "condition", dependency.condition,
                           [](const Value& word) { return read_choice(word, conditions); }));
        KOS_TRY(optionally(entry.value, "restart", dependency.restart, read_bool));
        KOS_TRY(optionally(entry.value, "required", dependency.required, read_bool));
        dependencies.push_back(std::move(dependency));
    }
    return dependencies;
}

Outcome<Healthcheck> read_healthcheck(const Value& value) {
    KOS_TRY(check_keys(value, "a healthcheck",
                       Names{"test", "interval", "timeout", "retries", "start_period",
                             "start_interval", "disable"}));
    Healthcheck check{.position = value.position};
    bool is_disabled = false;
    KOS_TRY(optionally(value, "disable", is_disabled, read_bool));
    KOS_TRY(optionally(value, "interval", check.interval, read_duration));
    KOS_TRY(optionally(value, "timeout", check.timeout, read_duration));
    KOS_TRY(optionally(value, "start_period", check.start_period, read_duration));
    KOS_TRY(optionally(value, "start_interval", check.start_interval, read_duration));
    KOS_TRY(optionally(value, "retries", check.retries, read_count));
    const Value* test = value.find("test");
    if (is_disabled || test == nullptr) return check;
    if (test->is_scalar()) {
        check.test = Healthcheck::Test::Command;
        check.arguments = {"CMD-SHELL", test->text};
        return check;
    }
    using Test = Healthcheck::Test;
    static constexpr Named<Test> tests[] = {{"NONE", Test::Disabled},
                                            {"CMD", Test::Command},
                                            {"CMD-SHELL", Test::Command},
                                            {"PROTOCOL", Test::ProtocolPublished},
                                            {"PORT", Test::PortListening}};
    check.arguments = KOS_TRY(read_texts(*test));
    if (check.arguments.empty()) return refuse_value(*test, "it should not be empty");
    check.test = KOS_TRY(read_choice(test->items.front(), tests));
    const bool takes_one =
        check.test == Test::ProtocolPublished || check.test == Test::PortListening;
    if (takes_one && check.arguments.size() != 2) {
        return refuse_value(*test, check.arguments.front() + " takes one argument");
    }
    if (check.test == Test::PortListening) KOS_TRY(read_number(test->items[1], 1, 65535));
    return check;
}

Outcome<Restart> read_restart(const Value& value) {
    static constexpr Named<Restart::When> policies[] = {
        {"no", Restart::When::No},
        {"always", Restart::When::Always},
        {"on-failure", Restart::When::OnFailure},
        {"unless-stopped", Restart::When::UnlessStopped}};
    Restart restart;
    const std::size_t colon = value.text.find(':');
    if (value.is_scalar() && value.text.starts_with("on-failure:")) {
        Value most = value;
        most.text = value.text.substr(colon + 1);
        restart.when = Restart::When::OnFailure;
        restart.most = KOS_TRY(read_count(most));
        return restart;
    }
    restart.when = KOS_TRY(read_choice(value, policies));
    return restart;
}

Outcome<Restart> read_restart_policy(const Value& value) {
    static constexpr Named<Restart::When> conditions[] = {{"none", Restart::When::No},
                                                          {"on-failure", Restart::When::OnFailure},
                                                          {"any", Restart::When::Always}};
    KOS_TRY(check_keys(value, "a restart policy",
                       Names{"condition", "delay", "max_attempts", "window"}));
    Restart restart{.when = Restart::When::Always};
    KOS_TRY(optionally(value, "condition", restart.when,
                       [](const Value& word) { return read_choice(word, conditions); }));
    KOS_TRY(optionally(value, "delay", restart.delay, read_duration));
    KOS_TRY(optionally(value, "max_attempts", restart.most, read_count));
    KOS_TRY(optionally(value, "window", restart.window, read_duration));
    return restart;
}

Outcome<std::vector<NetworkMembership>> read_memberships(const Value& value) {
    static constexpr std::array<UnsupportedKey, 6> unsupported{{
        {"ipv4_address", "addresses are given by kos"},
        {"ipv6_address", "addresses are given by kos"},
        {"link_local_ips", "addresses are given by kos"},
        {"mac_address", "it comes from the project's name"},
        {"priority", "a service is on all its networks at once"},
        {"gw_priority", "a service is on all its networks at once"},
    }};
    KOS_TRY(expect_mapping(value, "networks"));
    std::vector<NetworkMembership> memberships;
    for (const Value::Entry& entry : value.entries) {
        NetworkMembership membership{.network = entry.key, .position = entry.position};
        if (!entry.value.is_null()) {
            KOS_TRY(check_keys(entry.value, "a service's network", Names{"aliases"}, unsupported));
            KOS_TRY(optionally(entry.value, "aliases", membership.aliases, read_texts));
        }
        memberships.push_back(std::move(membership));
    }
    return memberships;
}

namespace {

Outcome<void> read_long_options(const Value& value, TmpfsOptions& options) {
    KOS_TRY(check_keys(value, "tmpfs", Names{"size", "mode"}));
    KOS_TRY(optionally(value, "size", options.size, read_bytes));
    return optionally(value, "mode", options.mode, read_mode);
}

Outcome<Mount> read_mount(const Value& value) {
    static constexpr Named<Mount::Type> types[] = {{"volume", Mount::Type::Volume},
                                                   {"bind", Mount::Type::Bind},
                                                   {"tmpfs", Mount::Type::Tmpfs}};
    static constexpr std::array<UnsupportedKey, 4> unsupported{{
        {"bind", "a bind mount has no options here"},
        {"volume", "a volume has no options here"},
        {"image", "images are not mounted"},
        {"consistency", "there is one host only"},
    }};
    KOS_TRY(check_keys(value, "a mount", Names{"type", "source", "target", "read_only", "tmpfs"},
                       unsupported));
    Mount mount{.position = value.position};
    KOS_TRY(optionally(value, "type", mount.type,
                       [](const Value& word) { return read_choice(word, types); }));
    mount.target = KOS_TRY(absolute_path(*KOS_TRY(required(value, "target"))));
    KOS_TRY(optionally(value, "source", mount.source, read_text));
    KOS_TRY(optionally(value, "read_only", mount.read_only, read_bool));
    const Value* tmpfs = value.find("tmpfs");
    if (tmpfs != nullptr && mount.type != Mount::Type::Tmpfs) {
        return refuse_value(*tmpfs, "these options are for mounts of type tmpfs");
    }
    if (tmpfs != nullptr) KOS_TRY(read_long_options(*tmpfs, mount.tmpfs));
    if (mount.type == Mount::Type::Tmpfs && !mount.source.empty()) {
        return refuse_value(*value.find("source"), "a tmpfs has no source");
    }
    if (mount.type == Mount::Type::Bind && mount.source.empty()) {
        return fail(ErrorCode::ComposeValue, to_string(value.position),
                    "a bind mount names its source");
    }
    return mount;
}

}  // namespace

Outcome<std::vector<Mount>> read_mounts(const Value& value) {
    KOS_TRY(expect_list(value, "volumes"));
    std::vector<Mount> mounts;
    for (const Value& item : value.items) mounts.push_back(KOS_TRY(read_mount(item)));
    return mounts;
}

Outcome<std::vector<FileReference>> read_file_references(const Value& value,
                                                         std::string_view folder) {
    KOS_TRY(expect_list(value, "it"));
    std::vector<FileReference> references;
    for (const Value& item : value.items) {
        KOS_TRY(check_keys(item, "a file", Names{"source", "target", "uid", "gid", "mode"}));
        FileReference reference{.position = item.position};
        reference.source = KOS_TRY(read_text(*KOS_TRY(required(item, "source"))));
        reference.target = reference.source;
        KOS_TRY(optionally(item, "target", reference.target, read_text));
        if (!reference.target.starts_with("/")) {
            reference.target.insert(0, std::string{folder}.append("/"));
        }
        KOS_TRY(optionally(item, "uid", reference.uid, read_text));
        KOS_TRY(optionally(item, "gid", reference.gid, read_text));
        KOS_TRY(optionally(item, "mode", reference.mode, read_mode));
        references.push_back(std::move(reference));
    }
    return references;
}

namespace {

Outcome<std::int64_t> read_limit(const Value& value) {
    if (value.is_scalar() && value.text == "-1") return -1;
    return static_cast<std::int64_t>(KOS_TRY(read_number(value, 0, INT64_MAX)));
}

}  // namespace

Outcome<std::map<std::string, Limit>> read_ulimits(const Value& value) {
    static constexpr std::array<std::string_view, 15> names{
        "as",   "core",   "cpu",   "data", "fsize",  "locks",      "memlock", "msgqueue",
        "nice", "nofile", "nproc", "rss",  "rtprio", "sigpending", "stack"};
    KOS_TRY(check_keys(value, "ulimits", names));
    std::map<std::string, Limit> limits;
    for (const Value::Entry& entry : value.entries) {
        if (!entry.value.is_mapping()) {
            const std::int64_t both = KOS_TRY(read_limit(entry.value));
            limits[entry.key] = {both, both};
            continue;
        }
        KOS_TRY(check_keys(entry.value, "a limit", Names{"soft", "hard"}));
        const std::int64_t soft = KOS_TRY(read_limit(*KOS_TRY(required(entry.value, "soft"))));
        const std::int64_t hard = KOS_TRY(read_limit(*KOS_TRY(required(entry.value, "hard"))));
        if (hard >= 0 && (soft < 0 || soft > hard)) {
            return refuse_value(*entry.value.find("soft"), "it is above the hard limit");
        }
        limits[entry.key] = {soft, hard};
    }
    return limits;
}

Outcome<std::vector<Device>> read_devices(const Value& value) {
    KOS_TRY(expect_list(value, "devices"));
    std::vector<Device> devices;
    for (const Value& item : value.items) {
        Device device;
        if (item.is_mapping()) {
            KOS_TRY(check_keys(item, "a device", Names{"source", "target", "permissions"}));
            device.source = KOS_TRY(read_text(*KOS_TRY(required(item, "source"))));
            device.target = device.source;
            KOS_TRY(optionally(item, "target", device.target, read_text));
            KOS_TRY(optionally(item, "permissions", device.permissions, read_text));
        } else {
            const std::string text = KOS_TRY(read_text(item));
            const std::size_t first = text.find(':');
            const std::size_t second =
                first == std::string::npos ? first : text.find(':', first + 1);
            device.source = text.substr(0, first);
            device.target = first == std::string::npos ? device.source
                                                       : text.substr(first + 1, second - first - 1);
            if (second != std::string::npos) device.permissions = text.substr(second + 1);
        }
        const auto is_permission = [](char c) { return c == 'r' || c == 'w' || c == 'm'; };
        if (device.source.empty() || device.permissions.empty() ||
            !std::all_of(device.permissions.begin(), device.permissions.end(), is_permission)) {
            return refuse_value(item, "it should be SOURCE[:TARGET[:rwm]]");
        }
        devices.push_back(std::move(device));
    }
    return devices;
}

namespace {

/// Of docker's json-file and local.
Outcome<void> check_log_options(const Value& options) {
    static constexpr std::string_view reason = "of options, max-size and max-file are supported";
    static constexpr auto unsupported = std::to_array<UnsupportedKey>({
        {"compress", reason},
        {"env", reason},
        {"env-regex", reason},
        {"labels", reason},
        {"labels-regex", reason},
        {"max-buffer-size", reason},
        {"mode", reason},
        {"tag", reason},
    });
    return check_keys(options, "logging options", Names{"max-size", "max-file"}, unsupported);
}

Outcome<std::uint64_t> read_log_size(const Value& value) {
    constexpr std::uint64_t least = 1000;
    const std::uint64_t size = KOS_TRY(read_decimal_bytes(value));
    if (size >= least) return size;
    return refuse_value(value, "a file of a log has 1k at least");
}
Outcome<unsigned> read_log_files(const Value& value) {
    return static_cast<unsigned>(KOS_TRY(read_number(value, 1, 100)));
}

}  // namespace

Outcome<Logging> read_logging(const Value& value) {
    using Driver = Logging::Driver;
    static constexpr Named<Driver> drivers[] = {
        {"json-file", Driver::JsonFile}, {"local", Driver::Local}, {"none", Driver::None}};
    KOS_TRY(check_keys(value, "logging", Names{"driver", "options"}));
    Logging logging;
    KOS_TRY(optionally(value, "driver", logging.driver,
                       [](const Value& word) { return read_choice(word, drivers); }));
    const Value* options = value.find("options");
    if (options == nullptr || options->is_null()) return logging;
    KOS_TRY(check_log_options(*options));
    if (logging.driver == Driver::None && !options->entries.empty()) {
        return refuse_value(*options, "the driver none keeps nothing that they could limit");
    }
    KOS_TRY(optionally(*options, "max-size", logging.max_size, read_log_size));
    KOS_TRY(optionally(*options, "max-file", logging.max_file, read_log_files));
    return logging;
}

}  // namespace kos::compose
