// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Whole files of the host, as errors for people.
#pragma once

#include "lib/base/error.hpp"

#include <filesystem>
#include <string>

namespace kos::file {

/// \p code with the path and what the kernel says of it; a directory is no file.
[[nodiscard]] Outcome<std::string> read(const std::filesystem::path& path,
                                        ErrorCode code = ErrorCode::File);

}  // namespace kos::file
