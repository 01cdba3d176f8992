// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The control groups of one container: a folder in each hierarchy of the system.
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/cgroup/hierarchy.hpp"
#include "oci-runtime/spec/resources.hpp"

#include <string>
#include <vector>

namespace kos::oci {

struct CgroupFolder {
    std::string controllers;  ///< as in CgroupHierarchy; empty: cgroup v2
    std::string path;         ///< /sys/fs/cgroup/memory/web

    [[nodiscard]] bool unified() const { return controllers.empty(); }
};

/// How a new process gets in: by clone3(2) with CLONE_INTO_CGROUP into `unified`, and by writing
/// itself to each of `procs`.
struct CgroupEntrance {
    sys::UniqueFd unified;
    std::vector<sys::UniqueFd> procs;
};

class Cgroup {
   public:
    /// No control groups at all: nothing is looked at, nothing is made.
    Cgroup() = default;
    explicit Cgroup(std::vector<CgroupFolder> folders) : folders_(std::move(folders)) {}

    /// Where the groups will be: `path` (`linux.cgroupsPath`) from the root of each hierarchy if it
    /// is absolute, else from the caller's own group; `id` where it is empty.
    [[nodiscard]] static Result<Cgroup> plan(const std::string& path, const std::string& id);

    [[nodiscard]] const std::vector<CgroupFolder>& folders() const { return folders_; }
    [[nodiscard]] bool empty() const { return folders_.empty(); }
    [[nodiscard]] bool unified() const {
        return folders_.size() == 1 && folders_.front().unified();
    }

    /// Makes the folders, and on v2 hands them the controllers that there are.
    [[nodiscard]] Result<void> create() const;
    [[nodiscard]] Result<void> apply(const Resources& resources) const;

    /// `below`: a group within the container's, for `exec --cgroup`.
    [[nodiscard]] Result<CgroupEntrance> open_entrance(const std::string& below = "") const;

    [[nodiscard]] Result<void> freeze() const;
    [[nodiscard]] Result<void> thaw() const;
    [[nodiscard]] bool is_frozen() const;

    /// The processes in the container's groups and those below.
    [[nodiscard]] Result<std::vector<int>> processes() const;
    [[nodiscard]] Result<void> signal_all(int signal) const;

    /// Removes the folders and those below; waits a little for processes that are ending.
    [[nodiscard]] Result<void> remove() const;

    /// The folder of the hierarchy with `controller`, or null.
    [[nodiscard]] const CgroupFolder* folder_of(std::string_view controller) const;

   private:
    std::vector<CgroupFolder> folders_;
};

/// Lets the calling process into the v1 groups of `entrance`.
[[nodiscard]] Result<void> enter(const CgroupEntrance& entrance);

}  // namespace kos::oci
