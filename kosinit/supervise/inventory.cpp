// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/inventory.hpp"

#include "lib/linux/file.hpp"

#include <algorithm>
#include <dirent.h>
#include <functional>
#include <map>
#include <memory>

namespace kos::init {

namespace {

bool exists(const std::string& path) { return sys::stat(AT_FDCWD, path.c_str()).ok(); }

std::vector<std::string> folders_in(const std::string& path) {
    struct Close {
        void operator()(DIR* directory) const { ::closedir(directory); }
    };
    std::vector<std::string> names;
    const std::unique_ptr<DIR, Close> directory{::opendir(path.c_str())};
    while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
        const std::string name = entry->d_name;
        if (name.starts_with('.') || !exists(path + "/" + name + "/config.json")) continue;
        names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

Outcome<ServiceConfig> read_service(const std::string& root, const std::string& bundle) {
    const std::string file = bundle + "/service.json";
    if (!exists(root + file)) return ServiceConfig{};
    const auto text = KOS_TRY(explain(sys::read_file(AT_FDCWD, (root + file).c_str()),
                                      ErrorCode::GuestMount, file, "reading"));
    return parse_service_config(text, file);
}

Outcome<RuntimeConfig> read_runtime(const std::string& root, const std::string& bundle) {
    const std::string file = bundle + "/runtime.json";
    if (!exists(root + file)) return RuntimeConfig{};
    const auto text = KOS_TRY(explain(sys::read_file(AT_FDCWD, (root + file).c_str()),
                                      ErrorCode::GuestMount, file, "reading"));
    return parse_runtime_config(text, file);
}

Outcome<void> add_folders(const std::string& root, const char* stage, ContainerKind kind,
                          std::vector<ContainerPlan>& out) {
    const std::string folder = std::string{"/containers/"} + stage;
    for (const std::string& name : folders_in(root + folder)) {
        const std::string bundle = folder + "/" + name;
        ContainerPlan plan{.name = name, .bundle = bundle, .kind = kind, .service = {}};
        plan.runtime = KOS_TRY(read_runtime(root, bundle));
        if (kind == ContainerKind::Service) {
            plan.service = KOS_TRY(read_service(root, bundle));
        } else {
            plan.name = std::string{stage} + "-" + name;
        }
        out.push_back(std::move(plan));
    }
    return {};
}

Outcome<GuestConfig> read_guest(const std::string& root) {
    for (const char* file : {"/container/guest.json", "/containers/guest.json"}) {
        if (!exists(root + file)) continue;
        const auto text = KOS_TRY(explain(sys::read_file(AT_FDCWD, (root + file).c_str()),
                                          ErrorCode::GuestMount, std::string{file}, "reading"));
        return parse_guest_config(text, file);
    }
    return GuestConfig{};
}

Outcome<void> check_order(const std::vector<ContainerPlan>& services) {
    enum class Mark { Open, Done };
    std::map<std::string, Mark> marks;
    std::function<Outcome<void>(const ContainerPlan&)> visit =
        [&](const ContainerPlan& plan) -> Outcome<void> {
        const auto [mark, is_new] = marks.try_emplace(plan.name, Mark::Open);
        if (!is_new && mark->second == Mark::Done) return {};
        if (!is_new) {
            return fail(ErrorCode::GuestConfig, plan.bundle + "/service.json",
                        "/after: it waits for itself");
        }
        for (const std::string& name : plan.service.after) {
            const auto other = std::ranges::find(services, name, &ContainerPlan::name);
            if (other == services.end()) {
                return fail(ErrorCode::GuestConfig, plan.bundle + "/service.json",
                            "/after: there is no service \"" + name + "\"");
            }
            KOS_TRY(visit(*other));
        }
        marks[plan.name] = Mark::Done;
        return {};
    };
    for (const ContainerPlan& plan : services) KOS_TRY(visit(plan));
    return {};
}

}  // namespace

Outcome<Inventory> read_inventory(const std::string& root) {
    Inventory out;
    out.guest = KOS_TRY(read_guest(root));
    KOS_TRY(add_folders(root, "onboot", ContainerKind::Onboot, out.onboot));
    KOS_TRY(add_folders(root, "services", ContainerKind::Service, out.services));
    KOS_TRY(add_folders(root, "onshutdown", ContainerKind::Onshutdown, out.onshutdown));
    if (exists(root + "/container/config.json")) {
        ContainerPlan plan{.name = main_container, .bundle = "/container", .service = {}};
        plan.service = KOS_TRY(read_service(root, plan.bundle));
        plan.runtime = KOS_TRY(read_runtime(root, plan.bundle));
        plan.has_input = out.guest.stdin_open;
        out.services.push_back(std::move(plan));
    }
    if (out.onboot.empty() && out.services.empty()) {
        return fail(ErrorCode::GuestContainer, "linux2",
                    "neither /container/config.json nor a folder of /containers is there");
    }
    KOS_TRY(check_order(out.services));
    return out;
}

}  // namespace kos::init
