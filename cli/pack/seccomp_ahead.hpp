// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The seccomp filter of a container, compiled while its image is packed: a guest then loads it as
// it is, where compiling takes a tenth of a second of an emulated processor.
#pragma once

#include "lib/base/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kos::pack {

/// The file `seccomp.bpf` for aarch64 guests that goes beside \p config, a config.json; nothing
/// where that has no filter. KOS-E-FILE where the filter cannot be compiled.
Outcome<std::optional<std::string>> compile_seccomp_ahead(std::string_view config);

}  // namespace kos::pack
