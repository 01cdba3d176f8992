// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What happens when memory runs out, which is all that the C++ library throws here. libstdc++'s own
// handler prints the exception's type, and brings the demangler for it: 45 KB.
#include <cstdlib>
#include <unistd.h>

namespace __gnu_cxx {

// NOLINTNEXTLINE(bugprone-reserved-identifier): the name is libstdc++'s; the linker takes ours.
void __verbose_terminate_handler() {
    constexpr char text[] = "kos-oci: out of memory\n";
    static_cast<void>(::write(2, text, sizeof text - 1));
    std::abort();
}

}  // namespace __gnu_cxx
