// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/rootfs/id_mapped.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/mount.hpp"
#include "lib/linux/process.hpp"
#include "lib/linux/socket.hpp"

#include <sched.h>
#include <unistd.h>

namespace kos::oci {

using sys::UniqueFd;

std::string mapping_text(const std::vector<IdMapping>& mappings) {
    std::string text;
    for (const IdMapping& mapping : mappings) {
        text += std::to_string(mapping.container_id) + " " + std::to_string(mapping.host_id) + " " +
                std::to_string(mapping.size) + "\n";
    }
    return text;
}

Result<UniqueFd> make_user_namespace(const std::vector<IdMapping>& uids,
                                     const std::vector<IdMapping>& gids, std::string_view where) {
    auto [ours, theirs] = KOS_TRY(explain(sys::socket_pair(), where, "socketpair"));
    const sys::Child helper =
        KOS_TRY(explain(sys::clone({.flags = CLONE_NEWUSER}), where, "making a user namespace"));
    if (helper.pid == 0) {
        // Holds the namespace until the other end is closed.
        ours.reset();
        static_cast<void>(sys::receive_message(theirs.get()));
        ::_exit(0);
    }
    theirs.reset();
    const std::string base = "/proc/" + std::to_string(helper.pid) + "/";
    const auto mapped = [&]() -> sys::Result<UniqueFd> {
        KOS_TRY(sys::write_file(AT_FDCWD, (base + "uid_map").c_str(), mapping_text(uids)));
        KOS_TRY(sys::write_file(AT_FDCWD, (base + "gid_map").c_str(), mapping_text(gids)));
        return sys::open(AT_FDCWD, (base + "ns/user").c_str(), O_RDONLY);
    }();
    ours.reset();
    static_cast<void>(sys::reap(helper.pid));
    if (!mapped) return fail(where, "id mapping", mapped.error());
    return UniqueFd{::fcntl(mapped->get(), F_DUPFD_CLOEXEC, 3)};
}

Result<void> map_ids(const UniqueFd& detached, const Mount& mount, const LinuxConfig& config,
                     const std::string& where) {
    const bool own = !mount.uid_mappings.empty();
    const auto& uids = own ? mount.uid_mappings : config.uid_mappings;
    const auto& gids = own ? mount.gid_mappings : config.gid_mappings;
    if (uids.empty()) return fail(where + "/options", "idmap: there are no mappings");
    const UniqueFd user_namespace = KOS_TRY(make_user_namespace(uids, gids, where));
    const sys::MountAttributes mapping{.set = MOUNT_ATTR_IDMAP,
                                       .user_namespace = user_namespace.get()};
    return explain(sys::set_attributes(detached.get(), mapping,
                                       mount.parsed.id_mapping == MountMapping::Recursive),
                   where, "this filesystem's ids cannot be mapped");
}

}  // namespace kos::oci
