// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The command as a whole, for every program that is an OCI runtime: kos-oci, and kosinit where it
// is called so.
#pragma once

#include <span>

namespace kos::oci {

/// \p words are argv, with a null pointer after them. Gives the exit status.
[[nodiscard]] int run_command_line(std::span<char*> words);

}  // namespace kos::oci
