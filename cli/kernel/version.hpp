// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Which seL4 a kernel is, told by the interface that its headers describe: an install says its
// version nowhere. Kernels between two releases, as Microkit ships them, count as the older one.
#pragma once

#include "cli/kernel/header.hpp"
#include "lib/base/error.hpp"

#include <string>
#include <string_view>

namespace kos::kernel {

/// The versions that kos supports, as they are named in errors.
inline constexpr std::string_view supported_versions = "13.0, 14.0, 15.0 and 16.0";

/// The newest supported version whose interface the kernel has. \p numbers: of its invocation
/// headers; \p everything: of all headers that were read. KOS-E-KERNEL-VERSION, with the name that
/// tells, where the interface is older or newer than every supported one.
Outcome<std::string_view> version_of(const Numbers& invocations, const Numbers& everything,
                                     const std::string& where);

/// The enumerator of an invocation in the kernel's headers: TCB_SetMCPriority is TCBSetMCPriority.
[[nodiscard]] std::string enumerator_of(std::string_view api_name);

}  // namespace kos::kernel
