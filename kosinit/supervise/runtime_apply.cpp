// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What runtime.json asks for, done.
#include "kosinit/supervise/runtime_config.hpp"
#include "lib/linux/file.hpp"
#include "lib/linux/mount.hpp"
#include "oci-runtime/process/net_devices.hpp"

#include <fcntl.h>

namespace kos::init {

namespace {

constexpr unsigned folder_mode = 0755;

Outcome<void> make_folder(const std::string& path) {
    return explain(sys::make_directories(path, folder_mode), ErrorCode::GuestMount, path, "mkdir");
}

sys::Result<void> configure(sys::FilesystemContext& context, const RuntimeMount& request) {
    KOS_TRY(context.set("source",
                        request.source.empty() ? request.type.c_str() : request.source.c_str()));
    for (const std::string& flag : request.options.superblock_flags) {
        KOS_TRY(context.set_flag(flag.c_str()));
    }
    for (const auto& [key, value] : request.options.data) {
        KOS_TRY(value.empty() ? context.set_flag(key.c_str())
                              : context.set(key.c_str(), value.c_str()));
    }
    return {};
}

Outcome<sys::UniqueFd> make_mount(const RuntimeMount& request, const std::string& target) {
    const oci::MountOptions& options = request.options;
    if (options.bind) {
        auto copy = KOS_TRY(
            explain(sys::clone_mount(AT_FDCWD, request.source.c_str(), options.recursive_bind),
                    ErrorCode::GuestMount, target, "open_tree"));
        if (!options.attributes.empty()) {
            const sys::MountAttributes change{.set = options.attributes.set,
                                              .clear = options.attributes.clear};
            KOS_TRY(explain(sys::set_attributes(copy.get(), change, false), ErrorCode::GuestMount,
                            target, "mount_setattr"));
        }
        return copy;
    }
    // An overlay's own folders are made as well.
    for (const auto& [key, value] : options.data) {
        if (key == "upperdir" || key == "workdir") KOS_TRY(make_folder(value));
    }
    auto context = KOS_TRY(explain(sys::FilesystemContext::create(request.type.c_str()),
                                   ErrorCode::GuestMount, target, request.type));
    KOS_TRY(explain(configure(context, request), ErrorCode::GuestMount, target, request.type));
    auto made = context.mount(static_cast<unsigned>(options.attributes.set));
    if (made) return std::move(made).value();
    return fail(ErrorCode::GuestMount, target,
                request.type + ": " + sys::describe(made.error()) + " " + context.explanation());
}

Outcome<void> mount(const RuntimeMount& request, const std::string& target) {
    KOS_TRY(make_folder(target));
    const sys::UniqueFd made = KOS_TRY(make_mount(request, target));
    const auto place = KOS_TRY(
        explain(sys::open(AT_FDCWD, target.c_str(), O_PATH), ErrorCode::GuestMount, target));
    KOS_TRY(
        explain(sys::attach(made.get(), place.get()), ErrorCode::GuestMount, target, "move_mount"));
    for (const oci::Propagation& each : request.options.propagation) {
        KOS_TRY(explain(sys::set_attributes(made.get(), {.propagation = each.type}, each.recursive),
                        ErrorCode::GuestMount, target, "mount_setattr"));
    }
    return {};
}

Outcome<void> bind_namespace(const std::string& name, const std::string& path, pid_t pid) {
    KOS_TRY(make_folder(path.substr(0, path.rfind('/'))));
    const auto place = KOS_TRY(explain(sys::open(AT_FDCWD, path.c_str(), O_CREAT | O_RDONLY, 0444),
                                       ErrorCode::GuestMount, path));
    const std::string source = "/proc/" + std::to_string(pid) + "/ns/" + name;
    const auto copy = KOS_TRY(explain(sys::clone_mount(AT_FDCWD, source.c_str(), false),
                                      ErrorCode::GuestMount, path, "open_tree"));
    return explain(sys::attach(copy.get(), place.get()), ErrorCode::GuestMount, path, "move_mount");
}

}  // namespace

Outcome<void> prepare_filesystem(const RuntimeConfig& config, const std::string& bundle) {
    const auto absolute = [&](const std::string& path) {
        return path.starts_with('/') ? path : bundle + "/rootfs/" + path;
    };
    for (const RuntimeMount& request : config.mounts) {
        KOS_TRY(mount(request, absolute(request.destination)));
    }
    for (const std::string& folder : config.mkdir) KOS_TRY(make_folder(absolute(folder)));
    for (const std::string& group : config.cgroups) KOS_TRY(make_folder("/sys/fs/cgroup/" + group));
    return {};
}

Outcome<void> prepare_process(const RuntimeConfig& config, pid_t pid) {
    if (!config.interfaces.empty()) {
        oci::LinuxConfig devices;
        for (const std::string& name : config.interfaces) devices.net_devices[name] = name;
        const auto moved = oci::move_net_devices(devices, pid);
        if (!moved) return fail(ErrorCode::GuestNetwork, "runtime.json", moved.error().text());
    }
    for (const auto& [name, path] : config.bindings) KOS_TRY(bind_namespace(name, path, pid));
    return {};
}

}  // namespace kos::init
