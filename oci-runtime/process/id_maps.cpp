// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/id_maps.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/process.hpp"
#include "oci-runtime/process/strings.hpp"
#include "oci-runtime/rootfs/id_mapped.hpp"

#include <unistd.h>

namespace kos::oci {

namespace {

struct Map {
    const char* file;
    const char* helper;
    const char* where;
    const std::vector<IdMapping>& mappings;
};

/// newuidmap PID CONTAINER HOST SIZE …
Result<void> run_helper(pid_t pid, const Map& map) {
    std::vector<std::string> args{map.helper, std::to_string(pid)};
    for (const IdMapping& mapping : map.mappings) {
        args.push_back(std::to_string(mapping.container_id));
        args.push_back(std::to_string(mapping.host_id));
        args.push_back(std::to_string(mapping.size));
    }
    const sys::Child child = KOS_TRY(explain(sys::clone({}), map.where, "fork"));
    if (child.pid == 0) {
        ::execvp(map.helper, pointers_to(args).data());
        ::_exit(127);
    }
    const int status = KOS_TRY(explain(sys::reap(child.pid), map.where, "waiting"));
    if (status == 0) return {};
    return fail(map.where, std::string{map.helper} + (sys::exit_code_of(status) == 127
                                                          ? " is not installed"
                                                          : " refused the mapping"));
}

/// One's own id, alone, may be mapped without privilege once setgroups(2) is given up.
bool is_own_id_only(const std::vector<IdMapping>& mappings, std::uint32_t own) {
    return mappings.size() == 1 && mappings[0].size == 1 && mappings[0].host_id == own;
}

Result<void> write_map(pid_t pid, const Map& map) {
    const std::string path = "/proc/" + std::to_string(pid) + "/" + map.file;
    const auto written = sys::write_file(AT_FDCWD, path.c_str(), mapping_text(map.mappings));
    if (written) return {};
    if (written.error() == EPERM && ::geteuid() != 0) return run_helper(pid, map);
    return fail(map.where, "the mapping is refused", written.error());
}

}  // namespace

Result<void> write_id_maps(pid_t pid, const LinuxConfig& config) {
    if (::geteuid() != 0 && is_own_id_only(config.gid_mappings, ::getegid())) {
        const std::string path = "/proc/" + std::to_string(pid) + "/setgroups";
        KOS_TRY(explain(sys::write_file(AT_FDCWD, path.c_str(), "deny"), "/linux/gidMappings",
                        "setgroups"));
    }
    KOS_TRY(write_map(pid, {"uid_map", "newuidmap", "/linux/uidMappings", config.uid_mappings}));
    return write_map(pid, {"gid_map", "newgidmap", "/linux/gidMappings", config.gid_mappings});
}

}  // namespace kos::oci
