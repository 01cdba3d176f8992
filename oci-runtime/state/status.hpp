// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The state of a container (runtime-spec, runtime.md "State"), found by looking: what the record
// says is checked against the process that it names.
#pragma once

#include "oci-runtime/state/store.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace kos::oci {

enum class Status { Creating, Created, Running, Paused, Stopped };

[[nodiscard]] std::string_view to_string(Status status);

[[nodiscard]] Status status_of(const ContainerDirectory& directory, const ContainerRecord& record);

/// A pidfd of the container's process; nothing where it has ended.
[[nodiscard]] std::optional<sys::UniqueFd> open_process(const ContainerRecord& record);

/// The document of `state`, which hooks get as well.
[[nodiscard]] nlohmann::json state_json(const ContainerRecord& record, Status status);
[[nodiscard]] std::string state_document(const ContainerRecord& record, Status status);

}  // namespace kos::oci
