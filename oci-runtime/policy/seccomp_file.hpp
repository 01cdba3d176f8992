// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A compiled filter as a file, with the key of what it was made from: beside config.json in a
// bundle, or in the cache (seccomp_cache.hpp). Little endian:
//
//     0x00  "KOSBPF" 0x00 0x01
//     0x08  key                  SHA-256, see seccomp_key()
//     0x28  instructions         count
//     0x2c  CRC-32               of the instructions
//     0x30  instructions         struct sock_filter: code 16 bits, jt 8, jf 8, k 32
#pragma once

#include "lib/base/sha256.hpp"
#include "oci-runtime/policy/seccomp_policy.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace kos::oci {

using SeccompKey = Sha256Digest;

/// The name of the file in a bundle.
inline constexpr const char* seccomp_file_name = "seccomp.bpf";

/// All that the instructions depend on: the profile's actions, architectures and rules, the
/// machine, our emitter's version, and the version of libseccomp, whose tables name the calls.
/// Flags and listener are no part of the program.
[[nodiscard]] SeccompKey seccomp_key(const Seccomp& profile, Machine machine);

/// The key as names of files have it.
[[nodiscard]] std::string to_hex(const SeccompKey& key);

[[nodiscard]] std::string to_seccomp_file(const SeccompProgram& program, const SeccompKey& key);

/// Nothing where `text` is damaged or was made from something else.
[[nodiscard]] std::optional<SeccompProgram> parse_seccomp_file(std::string_view text,
                                                               const SeccompKey& key);

}  // namespace kos::oci
