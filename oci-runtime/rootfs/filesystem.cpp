// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/rootfs/filesystem.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/mount.hpp"

#include <algorithm>
#include <cstdio>

namespace kos::oci {

namespace {

using sys::FilesystemContext;
using sys::UniqueFd;

bool sets(const Mount& mount, std::string_view key) {
    return std::ranges::any_of(mount.parsed.data,
                               [&](const auto& each) { return each.first == key; });
}

std::string octal(unsigned value) {
    char text[16];
    std::snprintf(text, sizeof text, "%o", value);
    return text;
}

sys::Result<void> configure(FilesystemContext& context, const Mount& mount) {
    if (!mount.source.empty()) KOS_TRY(context.set("source", mount.source.c_str()));
    for (const std::string& flag : mount.parsed.superblock_flags) {
        KOS_TRY(context.set_flag(flag.c_str()));
    }
    for (const auto& [key, value] : mount.parsed.data) {
        KOS_TRY(value.empty() ? context.set_flag(key.c_str())
                              : context.set(key.c_str(), value.c_str()));
    }
    return {};
}

Err<Failure> explain_context(const FilesystemContext& context, const Mount& mount,
                             const std::string& where, sys::Errno error) {
    const std::string explanation = context.explanation();
    return fail(where,
                mount.type + " for " + mount.destination +
                    (explanation.empty() ? "" : " (" + explanation + ")"),
                error);
}

/// The permissions of the image's directory show through, as they do with runc. One that was made
/// only to be covered has none to show: tmpfs(5)'s own 1777 holds.
sys::Result<void> inherit_mode(FilesystemContext& context, const UniqueFd& target) {
    const struct stat status = KOS_TRY(sys::stat(target.get()));
    return context.set("mode", octal(status.st_mode & 07777).c_str());
}

bool takes_label(const Mount& mount) {
    return mount.type != "proc" && mount.type != "sysfs" && mount.type != "cgroup2";
}

}  // namespace

Result<UniqueFd> create_filesystem(const Mount& mount, const UniqueFd& target, bool is_new,
                                   const std::string& label, const std::string& where) {
    auto created = FilesystemContext::create(mount.type.c_str());
    if (!created) return fail(where + "/type", "filesystem " + mount.type, created.error());
    FilesystemContext context = std::move(created).value();
    sys::Result<void> configured = configure(context, mount);
    if (configured && mount.type == "tmpfs" && !is_new && !sets(mount, "mode")) {
        configured = inherit_mode(context, target);
    }
    if (configured && !label.empty() && takes_label(mount) && !sets(mount, "context")) {
        configured = context.set("context", label.c_str());
    }
    if (!configured) {
        return explain_context(context, mount, where + "/options", configured.error());
    }
    auto made = context.mount(static_cast<unsigned>(mount.parsed.attributes.set));
    if (!made) return explain_context(context, mount, where, made.error());
    return std::move(made).value();
}

bool needs_classic_mount(const Mount& mount) {
    constexpr std::size_t longest_value = 255;
    return std::ranges::any_of(mount.parsed.data,
                               [](const auto& each) { return each.second.size() > longest_value; });
}

Result<void> mount_classic(const Mount& mount, const UniqueFd& target, const std::string& where) {
    std::string data;
    for (const auto& [key, value] : mount.parsed.data) {
        if (!data.empty()) data += ',';
        data += value.empty() ? key : key + "=" + value;
    }
    const std::string path = sys::path_of(target.get());
    return explain(
        sys::done(::mount(mount.source.c_str(), path.c_str(), mount.type.c_str(), 0, data.c_str())),
        where, mount.type + " for " + mount.destination);
}

}  // namespace kos::oci
