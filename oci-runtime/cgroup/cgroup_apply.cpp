// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/file.hpp"
#include "oci-runtime/cgroup/cgroup.hpp"
#include "oci-runtime/cgroup/device_filter.hpp"
#include "oci-runtime/cgroup/settings.hpp"

#include <algorithm>

namespace kos::oci {

namespace {

constexpr const char* where = "/linux/resources";

Result<void> write_setting(const Cgroup& cgroup, const CgroupSetting& setting) {
    const CgroupFolder* folder = cgroup.folder_of(setting.controller);
    if (folder == nullptr) {
        return fail(where + setting.field,
                    "this system has no cgroup controller " + setting.controller);
    }
    const std::string path = folder->path + "/" + setting.file;
    const auto written = sys::write_file(AT_FDCWD, path.c_str(), setting.value);
    if (written) return {};
    if (written.error() == ENOENT && setting.optional) return {};
    if (written.error() == ENOENT) {
        return fail(where + setting.field,
                    "the cgroup has no " + setting.file + " (controller missing or not delegated)");
    }
    return fail(where + setting.field, setting.file + " cannot be \"" + setting.value + "\"",
                written.error());
}

Result<void> write_device_rules(const Cgroup& cgroup, const Resources& resources) {
    const std::vector<DeviceRule> rules = device_rules(resources);
    if (rules.empty()) return {};
    if (cgroup.unified()) {
        const std::string& path = cgroup.folders().front().path;
        const sys::UniqueFd folder = KOS_TRY(explain(
            sys::open(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY), "/linux/cgroupsPath", path));
        return attach_device_filter(folder.get(), rules);
    }
    for (const DeviceRule& rule : rules) {
        KOS_TRY(write_setting(cgroup, {"devices", rule.allow ? "devices.allow" : "devices.deny",
                                       device_rule_text(rule), "/devices"}));
    }
    return {};
}

bool is_memory_limit(const CgroupSetting& setting) {
    return setting.file == "memory.limit_in_bytes" || setting.file == "memory.memsw.limit_in_bytes";
}

/// v1 wants the limit of memory to stay below that of memory and swap at every moment: when the
/// first order is refused, the other one is right.
Result<void> write_memory_limits(const Cgroup& cgroup, std::vector<CgroupSetting> limits) {
    bool first_refused = false;
    for (const CgroupSetting& limit : limits) {
        if (!write_setting(cgroup, limit)) first_refused = true;
    }
    if (!first_refused) return {};
    std::ranges::reverse(limits);
    for (const CgroupSetting& limit : limits) KOS_TRY(write_setting(cgroup, limit));
    return {};
}

/// `memory.checkBeforeUpdate`: refuse a limit below what is in use, which would kill.
Result<void> check_memory_use(const Cgroup& cgroup, const MemoryLimits& memory) {
    if (!memory.check_before_update.value_or(false) || memory.limit.value_or(-1) < 0) return {};
    const CgroupFolder* folder = cgroup.folder_of("memory");
    if (folder == nullptr) return {};
    const std::string path =
        folder->path + (folder->unified() ? "/memory.current" : "/memory.usage_in_bytes");
    const auto text = sys::read_file(AT_FDCWD, path.c_str());
    const long long used = text ? std::atoll(text->c_str()) : 0;
    if (used <= *memory.limit) return {};
    return fail("/linux/resources/memory/limit", std::to_string(*memory.limit) + " is below the " +
                                                     std::to_string(used) + " in use");
}

}  // namespace

Result<void> Cgroup::apply(const Resources& resources) const {
    const bool v2 = unified();
    auto settings = KOS_TRY(v2 ? unified_settings(resources) : legacy_settings(resources));
    if (empty()) {
        if (settings.empty()) return {};
        return fail(where + settings.front().field, "there are no control groups to limit it with");
    }
    KOS_TRY(check_memory_use(*this, resources.memory));
    const auto limits = std::stable_partition(
        settings.begin(), settings.end(),
        [](const CgroupSetting& setting) { return !is_memory_limit(setting); });
    KOS_TRY(write_memory_limits(*this, {limits, settings.end()}));
    settings.erase(limits, settings.end());
    for (const CgroupSetting& setting : settings) KOS_TRY(write_setting(*this, setting));
    return write_device_rules(*this, resources);
}

}  // namespace kos::oci
