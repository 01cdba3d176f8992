// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a launch hands to its caller beside the process: the pid file and the terminal.
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/spec/failure.hpp"

#include <string>
#include <sys/types.h>

namespace kos::oci {

/// Whole or not at all; nothing where `path` is empty.
[[nodiscard]] Result<void> write_pid_file(const std::string& path, pid_t pid);

/// Sends the master over a listening UNIX socket, as runc does.
[[nodiscard]] Result<void> send_terminal(const std::string& socket_path,
                                         const sys::UniqueFd& master);

}  // namespace kos::oci
