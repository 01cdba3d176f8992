// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos-oci: an OCI runtime for Linux with the command line of runc.
#include "oci-runtime/cli/command_line.hpp"

#include <cstddef>

int main(int argc, char** argv) {
    return kos::oci::run_command_line({argv, static_cast<std::size_t>(argc)});
}
