// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Loader errors as errors for people: which code of the catalogue, and what was found.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/error.hpp"
#include "loader/elf/error.hpp"
#include "loader/plan/error.hpp"

#include <string>

namespace kos::pack {

[[nodiscard]] Err<Error> elf_error(const std::string& where, Bytes file, elf::Error error);
[[nodiscard]] Err<Error> layout_error(const std::string& where, const plan::Error& error);

/// KOS-E-SCRIPT, with the interpreter's name, where \p file starts with "#!".
Outcome<void> check_no_script(Bytes file, const std::string& where);

}  // namespace kos::pack
