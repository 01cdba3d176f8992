// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `hooks` of config.json (runtime-spec, config.md "POSIX-platform Hooks").
#pragma once

#include "oci-runtime/spec/failure.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kos::oci {

class Field;

struct Hook {
    std::string path;
    std::vector<std::string> args;
    std::vector<std::string> env;
    std::optional<std::uint32_t> timeout;  ///< seconds
};

/// In the order in which they run: the first three while creating, the next two while starting, the
/// last while deleting.
struct Hooks {
    std::vector<Hook> prestart;
    std::vector<Hook> create_runtime;
    std::vector<Hook> create_container;
    std::vector<Hook> start_container;
    std::vector<Hook> poststart;
    std::vector<Hook> poststop;
};

[[nodiscard]] Result<void> decode(const Field& field, Hooks& out);

}  // namespace kos::oci
