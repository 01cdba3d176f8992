// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#pragma once

#include "oci-runtime/policy/seccomp_policy.hpp"
#include "oci-runtime/process/credentials.hpp"
#include "oci-runtime/spec/config.hpp"

#include <functional>

namespace kos::oci {

/// Where a filter may lie that was compiled before.
struct SeccompPlaces {
    std::string bundle;  ///< folder with config.json, and seccomp.bpf where it was compiled ahead
    std::string cache;   ///< folder of the cache; none when empty
};

/// The filter of a config, nothing where it has none: the bundle's, if it was made from this
/// profile for this machine, else the cache's, else compiled, and kept in the cache.
[[nodiscard]] Result<std::optional<SeccompSetup>> prepare_seccomp(
    const Config& config, const SeccompPlaces& places,
    const std::function<void(const std::string&)>& warn);

/// Compiles the filter of a bundle ahead, for `machine`, and writes it beside config.json. False
/// where the config has no filter; a file of an earlier one is then removed.
[[nodiscard]] Result<bool> compile_seccomp_ahead(const std::string& bundle, Machine machine);

}  // namespace kos::oci
