// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/seccomp_ahead.hpp"

#include "oci-runtime/policy/seccomp_file.hpp"
#include "oci-runtime/spec/config.hpp"

namespace kos::pack {

Outcome<std::optional<std::string>> compile_seccomp_ahead(std::string_view config) {
    const auto parsed = oci::parse_config(config);
    if (!parsed) return fail(ErrorCode::File, "config.json", parsed.error().text());
    const std::optional<oci::Seccomp>& profile = parsed->linux_config.seccomp;
    if (!profile) return std::optional<std::string>{};
    const auto program = oci::compile_seccomp(*profile, oci::Machine::Aarch64);
    if (!program) return fail(ErrorCode::File, "the seccomp profile", program.error().text());
    return std::optional{
        oci::to_seccomp_file(*program, oci::seccomp_key(*profile, oci::Machine::Aarch64))};
}

}  // namespace kos::pack
