// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/spec/config.hpp"

namespace kos::oci {

/// `hostname` and `domainname`, in the UTS namespace that the caller is in.
[[nodiscard]] Result<void> set_host_names(const Config& config);

/// A new network namespace has a loopback interface that is down.
[[nodiscard]] Result<void> bring_up_loopback();

}  // namespace kos::oci
