// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A container's transient scope (org.freedesktop.systemd1(5)):
//
//     placeholder forked ─► StartTransientUnit, PIDs=placeholder, Delegate ─► job done
//       ─► the container is cloned into the group ─► the placeholder ends
//
// systemd makes no scope without a process, and the container must not run before its limits hold.
#pragma once

#include "lib/linux/process.hpp"
#include "oci-runtime/spec/failure.hpp"
#include "oci-runtime/spec/resources.hpp"
#include "oci-runtime/systemd/unit.hpp"

#include <string>
#include <utility>

namespace kos::oci {

/// Ends with its owner.
class ScopePlaceholder {
   public:
    ScopePlaceholder() = default;
    explicit ScopePlaceholder(sys::Child child) : child_(std::move(child)) {}
    ScopePlaceholder(ScopePlaceholder&& other) noexcept : child_(std::exchange(other.child_, {})) {}
    ScopePlaceholder& operator=(ScopePlaceholder&& other) noexcept {
        end();
        child_ = std::exchange(other.child_, {});
        return *this;
    }
    ~ScopePlaceholder() { end(); }

    void end();
    /// In a child: it is the parent's to end.
    void forget() { child_ = {}; }

   private:
    sys::Child child_;
};

struct StartedScope {
    ScopePlaceholder placeholder;
    std::string path;  ///< of the group, from the root of the hierarchies: "/system.slice/a.scope"
};

/// Whether the caller has a systemd of its own (it is not root).
[[nodiscard]] bool has_own_manager();

/// `resources`: what systemd has settings for, so that it does not undo what is written to the
/// group.
[[nodiscard]] Result<StartedScope> start_scope(const SystemdUnit& unit, const Resources& resources,
                                               bool unified);

[[nodiscard]] Result<void> update_scope(const std::string& name, const Resources& resources,
                                        bool unified);

/// No error where there is no such unit (any more).
[[nodiscard]] Result<void> stop_scope(const std::string& name);

}  // namespace kos::oci
