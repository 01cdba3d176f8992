// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A kernel's configuration (gen_config.json) and what kos needs of it.
#pragma once

#include "cli/kernel/header.hpp"
#include "lib/base/error.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kos::kernel {

/// Settings by name without CONFIG_, as gen_config.json has them; switches are "true" or "false".
class Config {
   public:
    /// \p where names the file in errors.
    static Outcome<Config> parse(std::string_view json, const std::string& where);

    /// The value, or "" where the kernel has no such setting.
    [[nodiscard]] std::string_view value(std::string_view name) const;
    [[nodiscard]] bool is_on(std::string_view name) const { return value(name) == "true"; }
    [[nodiscard]] std::uint64_t number(std::string_view name) const;

    /// What the C preprocessor sees: CONFIG_NAME of every setting that is on or has a value.
    [[nodiscard]] Macros macros() const;

   private:
    std::map<std::string, std::string, std::less<>> settings_;
};

/// Refuses a kernel that kos cannot run on; the error names every setting that does not fit and the
/// value that it needs.
Outcome<void> check_config(const Config& config, const std::string& where);

/// The shim's TCR_EL2 for this kernel, which it compares with its own when it starts.
[[nodiscard]] std::uint64_t tcr_el2(const Config& config);

}  // namespace kos::kernel
