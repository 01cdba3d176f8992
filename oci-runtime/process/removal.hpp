// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Signalling and removing containers.
#pragma once

#include "oci-runtime/spec/hooks.hpp"
#include "oci-runtime/state/store.hpp"

#include <functional>
#include <string>

namespace kos::oci {

using Warn = std::function<void(const std::string&)>;

/// To the container's process, or to all processes of its control groups.
[[nodiscard]] Result<void> signal_container(const ContainerDirectory& directory, int signal,
                                            bool all);

/// `force`: ends its processes first; and an id without a container is no error.
[[nodiscard]] Result<void> delete_container(const StateStore& store, const std::string& id,
                                            bool force, const Warn& warn);

/// What is left when its first process has ended: other processes, groups, then the poststop hooks
/// where `ran`, and the state.
[[nodiscard]] Result<void> remove_traces(const ContainerDirectory& directory,
                                         const ContainerRecord& record, const Hooks& hooks,
                                         bool ran, const Warn& warn);

}  // namespace kos::oci
