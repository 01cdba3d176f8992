// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Handing a seccomp listener to the agent that will answer it (runtime-spec, config-linux.md "The
// Container Process State").
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/spec/seccomp.hpp"
#include "oci-runtime/state/record.hpp"

namespace kos::oci {

/// Takes descriptor number `text` out of the child and sends it to `listenerPath`.
[[nodiscard]] Result<void> hand_over_listener(const Seccomp& profile, const ContainerRecord& record,
                                              sys::Fd pidfd, const std::string& text);

}  // namespace kos::oci
