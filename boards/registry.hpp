// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The boards that kos can make images for.
#pragma once

#include "boards/qemu_virt_aarch64/board.hpp"
#include "boards/zcu102/board.hpp"

namespace kos::boards {

inline constexpr std::array<const Board*, 2> all{&qemu_virt_aarch64, &zcu102};

/// Nothing where there is no board of that name.
[[nodiscard]] constexpr const Board* find(std::string_view name) {
    for (const Board* board : all) {
        if (board->name == name) return board;
    }
    return nullptr;
}

}  // namespace kos::boards
