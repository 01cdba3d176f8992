// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where the bytes of the control channel come from: a UART, a string in tests.
#pragma once

#include "lib/base/bytes.hpp"

#include <cstddef>

namespace kos::rootserver {

/// Stands for a byte that was not received well: nothing that can be typed, nor part of a frame.
inline constexpr std::byte noise_byte{0xff};

struct ConsoleSource {
    /// Takes what has come, as much as fits; 0: nothing more.
    std::size_t (*take)(void* context, MutableBytes into);
    void* context = nullptr;
    /// Raised while something waits to be taken.
    unsigned interrupt = 0;
};

}  // namespace kos::rootserver
