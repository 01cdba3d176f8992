// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cli/spec_template.hpp"

#include "oci-runtime/spec/config.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

namespace kos::oci {

namespace {

using Json = nlohmann::json;  // with sorted members: a second kind of document would cost 20 KB

Json process() {
    const Json capabilities{"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
    return {
        {"terminal", true},
        {"user", {{"uid", 0}, {"gid", 0}}},
        {"args", {"sh"}},
        {"env",
         {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"}},
        {"cwd", "/"},
        {"capabilities",
         {{"bounding", capabilities}, {"effective", capabilities}, {"permitted", capabilities}}},
        {"rlimits", {{{"type", "RLIMIT_NOFILE"}, {"hard", 1024}, {"soft", 1024}}}},
        {"noNewPrivileges", true}};
}

Json mount(const char* destination, const char* type, const char* source, Json options) {
    return {{"destination", destination},
            {"type", type},
            {"source", source},
            {"options", std::move(options)}};
}

Json mounts(bool rootless) {
    Json pts_options{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"};
    if (!rootless) pts_options.push_back("gid=5");
    Json sys = rootless
                   ? mount("/sys", "none", "/sys", {"rbind", "nosuid", "noexec", "nodev", "ro"})
                   : mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"});
    Json list = Json::array();
    list.push_back(mount("/proc", "proc", "proc", Json::array()));
    list.push_back(
        mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}));
    list.push_back(mount("/dev/pts", "devpts", "devpts", std::move(pts_options)));
    list.push_back(mount("/dev/shm", "tmpfs", "shm",
                         {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}));
    list.push_back(mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}));
    list.push_back(std::move(sys));
    if (!rootless) {
        list.push_back(mount("/sys/fs/cgroup", "cgroup", "cgroup",
                             {"nosuid", "noexec", "nodev", "relatime", "ro"}));
    }
    return list;
}

Json linux_part(bool rootless) {
    Json namespaces = Json::array();
    for (const char* type : {"pid", "ipc", "uts", "mount", "cgroup"}) {
        namespaces.push_back({{"type", type}});
    }
    namespaces.push_back({{"type", rootless ? "user" : "network"}});
    Json part{{"namespaces", std::move(namespaces)},
              {"maskedPaths",
               {"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
                "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware",
                "/proc/scsi"}},
              {"readonlyPaths",
               {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}}};
    const auto own = [](unsigned id) {
        return Json::array({{{"containerID", 0}, {"hostID", id}, {"size", 1}}});
    };
    if (rootless) {
        part["uidMappings"] = own(::geteuid());
        part["gidMappings"] = own(::getegid());
    } else {
        part["resources"] = {{"devices", {{{"allow", false}, {"access", "rwm"}}}}};
    }
    return part;
}

}  // namespace

std::string spec_template(bool rootless) {
    const Json config{{"ociVersion", spec_version},
                      {"process", process()},
                      {"root", {{"path", "rootfs"}, {"readonly", true}}},
                      {"hostname", "kos"},
                      {"mounts", mounts(rootless)},
                      {"linux", linux_part(rootless)}};
    return config.dump(4) + "\n";
}

}  // namespace kos::oci
