// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/process/namespaces.hpp"

#include "lib/linux/file.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

namespace kos::oci {

namespace {

using sys::UniqueFd;

/// Name of the caller's own in /proc/self/ns.
const char* link_of(std::uint64_t flag) {
    switch (flag) {
        case CLONE_NEWCGROUP:
            return "/proc/self/ns/cgroup";
        case CLONE_NEWIPC:
            return "/proc/self/ns/ipc";
        case CLONE_NEWNS:
            return "/proc/self/ns/mnt";
        case CLONE_NEWNET:
            return "/proc/self/ns/net";
        case CLONE_NEWPID:
            return "/proc/self/ns/pid_for_children";
        case CLONE_NEWTIME:
            return "/proc/self/ns/time_for_children";
        case CLONE_NEWUSER:
            return "/proc/self/ns/user";
        default:
            return "/proc/self/ns/uts";
    }
}

bool is_own(std::uint64_t flag, const struct stat& status) {
    const auto own = sys::stat(AT_FDCWD, link_of(flag));
    return own && own->st_ino == status.st_ino && own->st_dev == status.st_dev;
}

std::string offset_line(const char* clock, const std::optional<TimeOffset>& offset) {
    if (!offset) return "";
    return std::string{clock} + " " + std::to_string(offset->seconds) + " " +
           std::to_string(offset->nanoseconds) + "\n";
}

}  // namespace

std::uint64_t flags_to_clone(const LinuxConfig& config) {
    return config.new_namespaces() & ~std::uint64_t{CLONE_NEWCGROUP | CLONE_NEWTIME};
}

Result<NamespacesToJoin> open_namespaces(const LinuxConfig& config) {
    NamespacesToJoin join;
    for (std::size_t i = 0; i < config.namespaces.size(); ++i) {
        const Namespace& entry = config.namespaces[i];
        if (entry.path.empty()) continue;
        const std::string where = "/linux/namespaces/" + std::to_string(i) + "/path";
        UniqueFd fd =
            KOS_TRY(explain(sys::open(AT_FDCWD, entry.path.c_str(), O_RDONLY), where, entry.path));
        const int type = ::ioctl(fd.get(), NS_GET_NSTYPE);
        if (type < 0) return fail(where, entry.path + " is no namespace");
        if (static_cast<std::uint64_t>(type) != entry.flag) {
            return fail(where, entry.path + " is a namespace of another type");
        }
        const auto status = KOS_TRY(explain(sys::stat(fd.get()), where, entry.path));
        if (is_own(entry.flag, status)) continue;
        join.by_path.push_back({entry.flag, std::move(fd), where});
    }
    if (config.makes(CLONE_NEWTIME)) {
        join.time_offsets =
            offset_line("monotonic", config.monotonic) + offset_line("boottime", config.boottime);
        if (join.time_offsets.empty()) join.time_offsets = "monotonic 0 0\n";
    }
    return join;
}

namespace {

/// What may be joined with the rights at hand is; the user namespace then gives rights for the
/// rest.
Result<void> join_paths(const NamespacesToJoin& join) {
    std::vector<const NamespacesToJoin::Entry*> left;
    for (const auto& entry : join.by_path) {
        if (entry.flag == CLONE_NEWUSER ||
            ::setns(entry.fd.get(), static_cast<int>(entry.flag)) != 0) {
            left.push_back(&entry);
        }
    }
    std::stable_partition(left.begin(), left.end(),
                          [](const auto* entry) { return entry->flag == CLONE_NEWUSER; });
    for (const auto* entry : left) {
        KOS_TRY(explain(sys::done(::setns(entry->fd.get(), static_cast<int>(entry->flag))),
                        entry->where, "setns"));
    }
    return {};
}

Result<void> join_all(const NamespacesToJoin& join) {
    // From here on the container may look at us: at memory, descriptors, the program file.
    KOS_TRY(explain(sys::done(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)), "", "prctl"));
    const UniqueFd offsets{
        join.time_offsets.empty() ? -1 : ::open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC)};
    KOS_TRY(join_paths(join));
    if (join.process_flags != 0) {
        KOS_TRY(
            explain(sys::done(::setns(join.process.get(), static_cast<int>(join.process_flags))),
                    "", "joining the container's namespaces"));
    }
    if (join.time_offsets.empty()) return {};
    KOS_TRY(explain(sys::done(::unshare(CLONE_NEWTIME)), "/linux/namespaces",
                    "making a time namespace"));
    return explain(sys::write_all(offsets.get(), join.time_offsets), "/linux/timeOffsets",
                   "cannot be set");
}

/// In the intermediate process: joins, forks a sibling and ends. Returns in that sibling only, once
/// its pid has been told: what it tells itself comes after.
void fork_sibling(const NamespacesToJoin& join, sys::CloneRequest request,
                  const ChildChannel& channel) {
    auto joined = join_all(join);
    if (!joined) {
        channel.report(joined.error());
        ::_exit(1);
    }
    auto gate = sys::make_pipe();
    if (!gate) {
        channel.report({"", "pipe2: " + sys::describe(gate.error())});
        ::_exit(1);
    }
    request.flags |= CLONE_PARENT;
    request.parents_signal = false;
    const auto sibling = sys::clone(request);
    if (!sibling) {
        channel.report({"/linux/namespaces", "clone3: " + sys::describe(sibling.error())});
        ::_exit(1);
    }
    if (sibling->pid == 0) {
        gate->write.reset();
        // Ends with the other process: nothing is written.
        char nothing = 0;
        while (::read(gate->read.get(), &nothing, 1) < 0 && errno == EINTR) {
        }
        return;
    }
    static_cast<void>(channel.tell(Event::Pid, std::to_string(sibling->pid), sibling->pidfd.get()));
    ::_exit(0);
}

}  // namespace

Result<sys::Child> fork_into(const NamespacesToJoin& join, const sys::CloneRequest& request,
                             RuntimeChannel& ours, ChildChannel& theirs) {
    const bool direct = join.empty();
    sys::Child child = KOS_TRY(
        explain(sys::clone(direct ? request : sys::CloneRequest{}), "/linux/namespaces", "clone3"));
    if (child.pid == 0) {
        ours.close();
        if (!direct) fork_sibling(join, request, theirs);
        return child;
    }
    theirs.close();
    if (direct) return child;
    static_cast<void>(sys::reap(child.pid));
    auto event = KOS_TRY(ours.next());
    if (!event || event->event != Event::Pid) return fail("", "the container's process is gone");
    return sys::Child{std::atoi(event->text.c_str()), std::move(event->descriptor)};
}

}  // namespace kos::oci
