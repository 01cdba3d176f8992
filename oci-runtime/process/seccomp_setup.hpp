// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "oci-runtime/process/credentials.hpp"
#include "oci-runtime/spec/config.hpp"

namespace kos::oci {

/// The filter of a config, compiled; nothing where it has none.
[[nodiscard]] Result<std::optional<SeccompSetup>> prepare_seccomp(const Config& config);

}  // namespace kos::oci
