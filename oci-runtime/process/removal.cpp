// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/removal.hpp"

#include "lib/linux/mount.hpp"
#include "lib/linux/process.hpp"
#include "oci-runtime/process/hook_runner.hpp"
#include "oci-runtime/spec/config.hpp"
#include "oci-runtime/state/status.hpp"
#include "oci-runtime/systemd/scope.hpp"

#include <signal.h>
#include <sys/mount.h>

namespace kos::oci {

namespace {

constexpr int patience_ms = 10'000;

Hooks hooks_of(const ContainerDirectory& directory) {
    const auto text = directory.load_config();
    if (!text || !may_have_hooks(*text, "poststop")) return {};
    const auto config = parse_config(*text);
    return config ? config->hooks : Hooks{};
}

/// Kills the first process and whatever else is in the container's groups.
Result<void> end_processes(const ContainerRecord& record) {
    const Cgroup cgroup{record.cgroups};
    const auto process = open_process(record);
    if (process) static_cast<void>(sys::send_signal(process->get(), SIGKILL));
    // Frozen processes do not die.
    if (cgroup.is_frozen()) KOS_TRY(cgroup.thaw());
    const auto members = cgroup.processes();
    if (members && !members->empty()) KOS_TRY(cgroup.signal_all(SIGKILL));
    if (process && !sys::wait_for_end(process->get(), patience_ms)) {
        return fail("container " + record.id, "its process does not die");
    }
    return {};
}

/// The mount on the root filesystem, and all within it, of a container without a mount namespace.
Result<void> remove_mounts(const ContainerRecord& record) {
    if (record.mount_below_root == 0) return {};
    const auto top = sys::mount_id(record.rootfs);
    if (!top || *top == record.mount_below_root) return {};
    return explain(sys::done(::umount2(record.rootfs.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW)),
                   "container " + record.id, "unmounting " + record.rootfs);
}

}  // namespace

Result<void> signal_container(const ContainerDirectory& directory, int signal, bool all) {
    const ContainerRecord record = KOS_TRY(directory.load());
    const Cgroup cgroup{record.cgroups};
    if (all && !cgroup.empty()) return cgroup.signal_all(signal);
    const auto process = open_process(record);
    if (!process) return fail("container " + record.id, "container not running");
    KOS_TRY(explain(sys::send_signal(process->get(), signal), "container " + record.id,
                    "signal " + std::to_string(signal)));
    // A frozen process acts on no signal; for one that is to die that would be for ever.
    if (signal == SIGKILL && cgroup.is_frozen()) return cgroup.thaw();
    return {};
}

Result<void> remove_traces(const ContainerDirectory& directory, const ContainerRecord& record,
                           const Hooks& hooks, bool ran, const Warn& warn) {
    KOS_TRY(end_processes(record));
    KOS_TRY(Cgroup{record.cgroups}.remove());
    KOS_TRY(record.resctrl.remove());
    if (!record.systemd_unit.empty()) KOS_TRY(stop_scope(record.systemd_unit));
    KOS_TRY(remove_mounts(record));
    KOS_TRY(directory.remove());
    if (!ran) return {};
    const std::string state = state_document(record, Status::Stopped);
    for (const Failure& failure : run_all_hooks(hooks.poststop, "poststop", state)) {
        warn(failure.text());
    }
    return {};
}

Result<void> delete_container(const StateStore& store, const std::string& id, bool force,
                              const Warn& warn) {
    auto directory = KOS_TRY(store.find(id));
    if (!directory) {
        if (force) return {};
        return fail("container " + id, "container does not exist");
    }
    KOS_TRY(directory->lock());
    const auto record = directory->load();
    // Its creator was killed before it had made anything.
    if (!record) return force ? directory->remove() : Err{record.error()};
    const Status status = status_of(*directory, *record);
    if (status != Status::Stopped && !force) {
        // As with runc, one that has not been started may go without force.
        if (status != Status::Created) {
            return fail("container " + id,
                        "cannot be deleted: it is " + std::string{to_string(status)});
        }
    }
    return remove_traces(*directory, *record, hooks_of(*directory), true, warn);
}

}  // namespace kos::oci
