// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/linuxkit/mounts.hpp"

#include "cli/compose/reader.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace kos::linuxkit {

using compose::Value;
using Json = nlohmann::ordered_json;

namespace {

using Texts = std::vector<std::string>;

Json mount(const std::string& destination, const std::string& type, const std::string& source,
           const Texts& options) {
    return {{"destination", destination}, {"type", type}, {"source", source}, {"options", options}};
}

Texts split(const std::string& text, char separator) {
    Texts parts;
    std::size_t begin = 0;
    for (;;) {
        const std::size_t end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end - begin));
        if (end == std::string::npos) return parts;
        begin = end + 1;
    }
}

using ByDestination = std::map<std::string, Json>;

ByDestination default_mounts(bool is_readonly) {
    Texts system_options{"nosuid", "noexec", "nodev"};
    // Not /dev: what is mounted and made in it comes after it.
    if (is_readonly) system_options.emplace_back("ro");
    ByDestination mounts;
    for (const Json& each : {
             mount("/proc", "proc", "proc", {"nosuid", "nodev", "noexec", "relatime"}),
             mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
             mount("/dev/pts", "devpts", "devpts",
                   {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}),
             mount("/sys", "sysfs", "sysfs", system_options),
             mount("/sys/fs/cgroup", "cgroup", "cgroup",
                   {"nosuid", "noexec", "nodev", "relatime", "ro"}),
         }) {
        mounts[each.at("destination").get<std::string>()] = each;
    }
    return mounts;
}

Outcome<void> add_tmpfs(const Settings& settings, ByDestination& mounts) {
    for (const std::string& text : KOS_TRY(settings.texts("tmpfs"))) {
        const Texts parts = split(text, ':');
        if (parts.size() > 2 || !parts.front().starts_with('/')) {
            return settings.refuse("tmpfs", text + ": it should be /PATH[:OPTION,…]");
        }
        mounts[parts[0]] =
            mount(parts[0], "tmpfs", "tmpfs", parts.size() == 2 ? split(parts[1], ',') : Texts{});
    }
    return {};
}

Outcome<void> add_binds(const Settings& settings, ByDestination& mounts) {
    for (const std::string& text : KOS_TRY(settings.texts_with_added("binds"))) {
        const Texts parts = split(text, ':');
        if (parts.size() < 2 || parts.size() > 3 || !parts[0].starts_with('/') ||
            !parts[1].starts_with('/')) {
            return settings.refuse("binds", text + ": it should be /FROM:/TO[:OPTION,…]");
        }
        Texts options{"rw", "rbind", "rshared"};
        if (parts.size() == 3) {
            options = split(parts[2], ',');
            options.emplace_back("rbind");
        }
        mounts[parts[1]] = mount(parts[1], "bind", parts[0], options);
    }
    return {};
}

std::string default_destination(const std::string& type) {
    if (type == "proc") return "/proc";
    if (type == "devpts") return "/dev/pts";
    if (type == "sysfs") return "/sys";
    if (type == "cgroup") return "/sys/fs/cgroup";
    if (type == "mqueue") return "/dev/mqueue";
    return {};
}

Outcome<std::string> text_in(const Value& mapping, std::string_view key) {
    const Value* value = mapping.find(key);
    return value == nullptr ? std::string{} : compose::read_text(*value);
}

}  // namespace

Outcome<Json> mount_of(const Value& value) {
    static constexpr std::array<std::string_view, 4> keys{"type", "source", "destination",
                                                          "options"};
    KOS_TRY(compose::check_keys(value, "a mount", keys));
    std::string type = KOS_TRY(text_in(value, "type"));
    std::string source = KOS_TRY(text_in(value, "source"));
    std::string destination = KOS_TRY(text_in(value, "destination"));
    const Value* options = value.find("options");
    if (type.empty() && !default_destination(source).empty()) type = source;
    if (type.empty() && destination == "/dev") type = "tmpfs";
    if (type.empty()) return compose::refuse_value(value, "the mount's type is missing");
    if (source.empty()) source = type;
    if (destination.empty()) destination = default_destination(type);
    if (destination.empty()) {
        return compose::refuse_value(value, "the mount's destination is missing");
    }
    return mount(destination, type, source,
                 options == nullptr ? Texts{} : KOS_TRY(compose::read_texts(*options)));
}

Outcome<Json> mounts_of(const Settings& settings, bool is_readonly) {
    ByDestination mounts = default_mounts(is_readonly);
    KOS_TRY(add_tmpfs(settings, mounts));
    KOS_TRY(add_binds(settings, mounts));
    if (const Value* list = settings.find("mounts"); list != nullptr && !list->is_null()) {
        KOS_TRY(compose::expect_list(*list, "mounts"));
        for (const Value& item : list->items) {
            Json made = KOS_TRY(mount_of(item));
            const auto destination = made.at("destination").get<std::string>();
            mounts[destination] = std::move(made);
        }
    }
    // A destination comes behind those that it lies in.
    Json sorted = Json::array();
    for (auto& [destination, each] : mounts) sorted.push_back(std::move(each));
    return sorted;
}

}  // namespace kos::linuxkit
