// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/resctrl/group.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/mount.hpp"

#include <algorithm>
#include <unistd.h>

namespace kos::oci {

namespace {

constexpr std::string_view field = "/linux/intelRdt";

/// Whether a line of the group's schemata, which the kernel indents, is \p line.
bool has_line(std::string_view schemata, std::string_view line) {
    while (!schemata.empty()) {
        const std::size_t end = std::min(schemata.find('\n'), schemata.size());
        std::string_view found = schemata.substr(0, end);
        found.remove_prefix(std::min(found.find_first_not_of(' '), found.size()));
        if (found == line) return true;
        schemata.remove_prefix(std::min(end + 1, schemata.size()));
    }
    return false;
}

Result<void> write_line(const std::string& file, const std::string& line, std::string_view where) {
    // O_CREAT makes no difference in resctrl, whose files are the kernel's.
    const auto opened = KOS_TRY(
        explain(sys::open(AT_FDCWD, file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0644),
                where, file));
    return explain(sys::write_all(opened.get(), line + "\n"), where, file);
}

/// Whether there was none before.
Result<bool> make_folder(const std::string& path, std::string_view where) {
    const auto made = sys::done(::mkdir(path.c_str(), 0755));
    if (!made && made.error() == EEXIST) return false;
    KOS_TRY(explain(made, where, "making " + path));
    return true;
}

Result<void> remove_folder(const std::string& path) {
    const auto removed = sys::done(::rmdir(path.c_str()));
    if (!removed && removed.error() == ENOENT) return {};
    return explain(removed, field, "removing " + path);
}

/// A class that exists is shared with others: it must be what this container asks for.
Result<void> compare(const std::string& folder, const IntelRdt& config) {
    const std::string file = folder + "/schemata";
    const auto text = KOS_TRY(explain(sys::read_file(AT_FDCWD, file.c_str()), field, file));
    const auto check = [&](std::string_view key, const std::string& line) -> Result<void> {
        if (line.empty() || has_line(text, line)) return {};
        return fail(std::string{field} + "/" + std::string{key},
                    "the class " + config.class_id + " exists and has something else in " + file);
    };
    KOS_TRY(check("l3CacheSchema", config.l3_cache_schema));
    return check("memBwSchema", config.memory_bandwidth_schema);
}

bool has_schema(const IntelRdt& config) {
    return !config.l3_cache_schema.empty() || !config.memory_bandwidth_schema.empty() ||
           !config.schemata.empty();
}

}  // namespace

std::string find_resctrl(std::string_view mountinfo) {
    while (!mountinfo.empty()) {
        const std::size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
        std::string_view line = mountinfo.substr(0, end);
        mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
        if (line.find(" - resctrl ") == std::string_view::npos) continue;
        for (int word = 0; word < 4; ++word) {
            line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
        }
        return sys::unescape_mount_path(line.substr(0, line.find(' ')));
    }
    return {};
}

Result<ResctrlGroup> ResctrlGroup::plan(const IntelRdt& config, std::string_view root,
                                        const std::string& id) {
    ResctrlGroup group;
    group.folder = root;
    if (config.class_id != "/") {
        group.folder += "/" + (config.class_id.empty() ? id : config.class_id);
    }
    const auto existing = sys::stat(AT_FDCWD, group.folder.c_str());
    if (config.class_id.empty()) {
        if (existing) return fail(std::string{field}, group.folder + " exists already");
        group.is_own = true;
    } else if (!existing && !has_schema(config)) {
        return fail(std::string{field} + "/closID",
                    "there is no class " + config.class_id + ", and nothing to make one of");
    } else if (existing) {
        KOS_TRY(compare(group.folder, config));
    }
    if (config.enable_monitoring) {
        group.monitor = group.folder + "/mon_groups/" + id;
        if (sys::stat(AT_FDCWD, group.monitor.c_str())) {
            return fail(std::string{field} + "/enableMonitoring",
                        group.monitor + " exists already");
        }
    }
    return group;
}

Result<ResctrlGroup> ResctrlGroup::plan(const IntelRdt& config, const std::string& id) {
    const auto mounts =
        KOS_TRY(explain(sys::read_file(AT_FDCWD, "/proc/self/mountinfo"), field, "mountinfo"));
    const std::string root = find_resctrl(mounts);
    if (root.empty()) return fail(std::string{field}, "no resctrl filesystem is mounted");
    return plan(config, root, id);
}

Result<void> ResctrlGroup::create(const IntelRdt& config) const {
    const bool is_new = KOS_TRY(make_folder(folder, field));
    auto done = fill(config);
    // A class with a name outlives its containers, but not one that never came to be.
    if (!done && is_new) static_cast<void>(remove_folder(folder));
    return done;
}

Result<void> ResctrlGroup::fill(const IntelRdt& config) const {
    KOS_TRY(write_schemata(config));
    if (monitor.empty()) return {};
    return explain(sys::done(::mkdir(monitor.c_str(), 0755)),
                   std::string{field} + "/enableMonitoring", "making " + monitor);
}

Result<void> ResctrlGroup::write_schemata(const IntelRdt& config) const {
    const std::string file = folder + "/schemata";
    const auto write = [&](const std::string& line, std::string_view key) -> Result<void> {
        if (line.empty()) return {};
        return write_line(file, line, std::string{field} + "/" + std::string{key});
    };
    KOS_TRY(write(config.l3_cache_schema, "l3CacheSchema"));
    KOS_TRY(write(config.memory_bandwidth_schema, "memBwSchema"));
    for (const std::string& line : config.schemata) KOS_TRY(write(line, "schemata"));
    return {};
}

Result<void> ResctrlGroup::add(pid_t pid) const {
    if (empty()) return {};
    const std::string text = std::to_string(pid);
    KOS_TRY(write_line(folder + "/tasks", text, field));
    if (monitor.empty()) return {};
    return write_line(monitor + "/tasks", text, field);
}

Result<void> ResctrlGroup::remove() const {
    if (!monitor.empty()) KOS_TRY(remove_folder(monitor));
    if (is_own) KOS_TRY(remove_folder(folder));
    return {};
}

}  // namespace kos::oci
