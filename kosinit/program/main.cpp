// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kosinit: PID 1 of a Linux guest; an OCI runtime or a container's init where it is called by
// another name.
#include "kosinit/program/guest.hpp"
#include "kosinit/program/init.hpp"
#include "oci-runtime/cli/command_line.hpp"

#include <cstdio>
#include <string_view>
#include <unistd.h>

int main(int argc, char** argv) {
    const std::string_view path = argc > 0 ? argv[0] : "";
    const std::string_view name = path.substr(path.rfind('/') + 1);
    if (name == "runc" || name == "kos-oci") {
        return kos::oci::run_command_line({argv, static_cast<std::size_t>(argc)});
    }
    if (name == "kos-init") return kos::init::run_container_init(argv + 1);
    if (::getpid() != 1) {
        std::fprintf(stderr,
                     "kosinit is the first process of a guest (docs/guest.md); called runc, it is "
                     "an OCI runtime\n");
        return 1;
    }
    kos::init::run_guest();
}
