// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/file/file.hpp"

#include "lib/linux/file.hpp"

namespace kos::file {

Outcome<std::string> read(const std::filesystem::path& path, ErrorCode code) {
    auto content = sys::read_file(AT_FDCWD, path.c_str());
    if (!content) return fail(code, path.string(), sys::describe(content.error()));
    return std::move(content).value();
}

}  // namespace kos::file
