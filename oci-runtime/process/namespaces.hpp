// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The container's namespaces: those it joins, those it makes, and the process that is first in
// them.
#pragma once

#include "lib/linux/process.hpp"
#include "oci-runtime/process/channel.hpp"
#include "oci-runtime/spec/linux.hpp"

#include <string>
#include <vector>

namespace kos::oci {

/// Namespaces to be in before the container's process is forked. Opened by the runtime, in the
/// host's view of paths.
struct NamespacesToJoin {
    struct Entry {
        std::uint64_t flag;
        sys::UniqueFd fd;
        std::string where;
    };
    std::vector<Entry> by_path;
    sys::UniqueFd process;            ///< pidfd of one whose namespaces are joined (exec)
    std::uint64_t process_flags = 0;  ///< which of them
    std::string time_offsets;         ///< text for timens_offsets of a new time namespace

    [[nodiscard]] bool empty() const {
        return by_path.empty() && process_flags == 0 && time_offsets.empty();
    }
};

/// Opens `path` of each namespace that has one and checks that it is of its type. One that the
/// runtime is in already need not be joined.
[[nodiscard]] Result<NamespacesToJoin> open_namespaces(const LinuxConfig& config);

/// In the order in which clone3(2) is to make them: without cgroup, which the child makes itself
/// once it is in its group, and time, which starts with the process after it.
[[nodiscard]] std::uint64_t flags_to_clone(const LinuxConfig& config);

/// Forks the container's first process. Where namespaces are to be joined an intermediate process
/// joins them, so that the caller stays where it is; the child is the caller's all the same.
/// Returns twice, as clone(2) does, each time with only the channel of that side open.
[[nodiscard]] Result<sys::Child> fork_into(const NamespacesToJoin& join,
                                           const sys::CloneRequest& request, RuntimeChannel& ours,
                                           ChildChannel& theirs);

}  // namespace kos::oci
