// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The blobs that debuggers and crash reports read: Symbols and Undo of lib/manifest/image.hpp.
#pragma once

#include "cli/pack/program.hpp"
#include "lib/manifest/image.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace kos::pack {

/// The functions of an app's address space, by address; of several at one address the first name.
[[nodiscard]] std::vector<std::byte> symbols_blob(std::span<const Function> program,
                                                  std::span<const Function> libos);

[[nodiscard]] std::vector<std::byte> undo_blob(std::span<const manifest::Undo> undo);

}  // namespace kos::pack
