// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Compiled filters that outlive the runtime, one file each, named by its key. What is found is
// loaded as it is, so only what this user alone could have written is believed: the folder and the
// file belong to the caller and nobody else may write to them.
#pragma once

#include "lib/linux/unique_fd.hpp"
#include "oci-runtime/policy/seccomp_file.hpp"

#include <optional>
#include <string>

namespace kos::oci {

class SeccompCache {
   public:
    /// `folder` is made where it is missing. An empty name, or a folder that cannot be had or is
    /// not the caller's own, gives a cache that holds nothing.
    [[nodiscard]] static SeccompCache open(const std::string& folder);

    /// Nothing where there is none, or none to be trusted.
    [[nodiscard]] std::optional<SeccompProgram> find(const SeccompKey& key) const;

    /// Best effort: a read-only or full disk costs the next run its time, nothing else.
    void keep(const SeccompKey& key, const SeccompProgram& program) const;

    /// Filters kept at most; one more, and the old ones go.
    static constexpr std::size_t most_entries = 256;

   private:
    explicit SeccompCache(sys::UniqueFd folder) : folder_(std::move(folder)) {}

    sys::UniqueFd folder_;
};

/// The content of file `name` of `folder`, if it is a plain file of the caller (or of root) that
/// nobody else may write to.
[[nodiscard]] std::optional<std::string> read_own_file(sys::Fd folder, const char* name);

/// /var/cache/kos-oci, or below XDG_CACHE_HOME or HOME for users. Empty where there is no place.
[[nodiscard]] std::string default_seccomp_cache();

}  // namespace kos::oci
