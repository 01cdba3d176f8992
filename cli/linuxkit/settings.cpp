// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/linuxkit/settings.hpp"

#include "cli/compose/reader.hpp"

#include <algorithm>
#include <array>

namespace kos::linuxkit {

using compose::Value;

namespace {

constexpr auto item_keys = std::to_array<std::string_view>({
    "name",
    "image",
    "capabilities",
    "capabilities.add",
    "ambient",
    "mounts",
    "binds",
    "binds.add",
    "devices",
    "tmpfs",
    "command",
    "env",
    "cwd",
    "net",
    "pid",
    "ipc",
    "uts",
    "hostname",
    "readonly",
    "maskedPaths",
    "readonlyPaths",
    "uid",
    "gid",
    "additionalGids",
    "noNewPrivileges",
    "oomScoreAdj",
    "rootfsPropagation",
    "cgroupsPath",
    "resources",
    "sysctl",
    "rlimits",
    "annotations",
    "runtime",
    "x-kos-service",
});

constexpr auto unsupported_keys = std::to_array<compose::UnsupportedKey>({
    {"userns", "the guest's kernel is its containers' own"},
    {"uidMappings", "the guest's kernel is its containers' own"},
    {"gidMappings", "the guest's kernel is its containers' own"},
});

}  // namespace

Outcome<void> check_item(const Value& item) {
    return compose::check_keys(item, "a container", item_keys, unsupported_keys);
}

Outcome<Settings> Settings::create(const Value& item, const std::string& label,
                                   const std::string& image) {
    Settings settings{item};
    if (label.empty()) return settings;
    // JSON is YAML.
    settings.label_ =
        KOS_TRY(compose::parse_yaml(label, image + ": the label org.mobyproject.config"));
    KOS_TRY(check_item(settings.label_));
    return settings;
}

const Value* Settings::find(std::string_view key) const {
    if (const Value* own = item_->find(key)) return own;
    return label_.is_mapping() ? label_.find(key) : nullptr;
}

std::string Settings::place_of(std::string_view key) const {
    const Value* value = find(key);
    return to_string(value != nullptr ? value->position : item_->position);
}

Outcome<std::vector<std::string>> Settings::texts(std::string_view key,
                                                  std::vector<std::string> otherwise) const {
    const Value* value = find(key);
    if (value == nullptr) return otherwise;
    if (value->is_null()) return std::vector<std::string>{};
    return compose::read_texts(*value);
}

Outcome<std::vector<std::string>> Settings::texts_with_added(const std::string& key) const {
    auto list = KOS_TRY(texts(key));
    const Value* added = item_->find(key + ".add");
    if (added == nullptr || item_->find(key) != nullptr) return list;
    for (std::string& each : KOS_TRY(compose::read_texts(*added))) {
        if (std::find(list.begin(), list.end(), each) == list.end()) list.push_back(each);
    }
    return list;
}

Outcome<std::string> Settings::text(std::string_view key) const {
    const Value* value = find(key);
    if (value == nullptr || value->is_null()) return std::string{};
    return compose::read_text(*value);
}

Outcome<bool> Settings::flag(std::string_view key) const {
    const Value* value = find(key);
    if (value == nullptr || value->is_null()) return false;
    return compose::read_bool(*value);
}

}  // namespace kos::linuxkit
