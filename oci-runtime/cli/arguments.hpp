// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Command lines, as runc and crun take them: "--name value", "--name=value", "-n value", and in the
// manner of Go's flag package "-name value".
#pragma once

#include "oci-runtime/spec/failure.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

struct Option {
    std::string_view name;
    char short_name = '\0';
    bool takes_value = false;
    std::string_view help;
};

enum class Order {
    OptionsFirst,  ///< the first word that is no option ends them (exec, and the global options)
    Mixed,
};

class Arguments {
   public:
    /// Consumes `words`; those that are not options are left in positionals().
    [[nodiscard]] static Result<Arguments> parse(std::span<char* const> words,
                                                 std::span<const Option> options, Order order);

    [[nodiscard]] bool has(std::string_view name) const;
    /// The last value given, or "".
    [[nodiscard]] std::string value(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
    /// A decimal number; `fallback` where the option is not given.
    [[nodiscard]] Result<std::int64_t> number(std::string_view name, std::int64_t fallback) const;
    [[nodiscard]] const std::vector<std::string>& positionals() const { return positionals_; }

   private:
    std::multimap<std::string, std::string, std::less<>> options_;
    std::vector<std::string> positionals_;
};

inline constexpr int most_preserved_fds = 4096;

/// How many descriptors `--preserve-fds` passes on.
[[nodiscard]] Result<unsigned> preserved_fds(const Arguments& arguments);

}  // namespace kos::oci
