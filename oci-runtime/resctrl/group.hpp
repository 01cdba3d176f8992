// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A container's group in resctrl (runtime-spec 1.3, config-linux.md "IntelRdt"; Linux,
// Documentation/arch/x86/resctrl.rst).
#pragma once

#include "oci-runtime/spec/linux.hpp"

#include <string>
#include <string_view>
#include <sys/types.h>

namespace kos::oci {

/// Empty without `linux.intelRdt`. Kept in the container's record: whoever deletes it knows from
/// there what was made.
struct ResctrlGroup {
    std::string folder;   ///< of its class of service, absolute
    bool is_own = false;  ///< made for this container: goes with it
    std::string monitor;  ///< its monitoring group, absolute; empty without

    [[nodiscard]] bool empty() const { return folder.empty(); }

    /// What create() is going to make in the filesystem mounted at \p root for the container \p id.
    [[nodiscard]] static Result<ResctrlGroup> plan(const IntelRdt& config, std::string_view root,
                                                   const std::string& id);
    /// In the filesystem that the caller's mount namespace has; an error where it has none.
    [[nodiscard]] static Result<ResctrlGroup> plan(const IntelRdt& config, const std::string& id);

    /// Makes what is missing and writes the schemata; after an error a class that was new is gone.
    [[nodiscard]] Result<void> create(const IntelRdt& config) const;

    /// Writes what \p config has of schemata.
    [[nodiscard]] Result<void> write_schemata(const IntelRdt& config) const;

    /// Puts a process into the group; its children will be in it as well.
    [[nodiscard]] Result<void> add(pid_t pid) const;

    /// Removes what was made for this container; what is gone already is no error.
    [[nodiscard]] Result<void> remove() const;

   private:
    [[nodiscard]] Result<void> fill(const IntelRdt& config) const;
};

/// Where the text of a mountinfo (proc(5)) has a resctrl filesystem; empty where it has none.
[[nodiscard]] std::string find_resctrl(std::string_view mountinfo);

}  // namespace kos::oci
