// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The panic handler of hosted programs and tests.
#include "lib/base/panic.hpp"

#include <cstdio>
#include <cstdlib>

namespace kos {

void panic_handler(const char* message) {
    std::fprintf(stderr, "kos: internal error: %s\n", message);
    std::abort();
}

}  // namespace kos
