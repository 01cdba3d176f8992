// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `kernel` and `init`: kos's guests have a kernel and an init of their own. What a file says of
// them is carried out where it can be, and refused by name, or told, where not.
#pragma once

#include "cli/compose/value.hpp"
#include "lib/base/error.hpp"

#include <string>
#include <vector>

namespace kos::linuxkit {

struct KernelChoice {
    std::string arguments;           ///< behind kos's own on the kernel's command line
    std::vector<std::string> notes;  ///< what of the file has no effect, for people
};

/// Either may be null.
[[nodiscard]] Outcome<KernelChoice> kernel_of(const compose::Value* kernel,
                                              const compose::Value* init);

}  // namespace kos::linuxkit
