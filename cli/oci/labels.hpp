// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The labels com.koskit.*: what an image asks of seL4. docs/labels.md is the reference; a test
// holds it and the table here together.
#pragma once

#include "cli/oci/config.hpp"
#include "lib/base/error.hpp"
#include "lib/manifest/image.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kos::oci {

inline constexpr std::string_view label_prefix = "com.koskit.";

/// The labels of an image, checked; what it leaves out has its default.
struct AppSettings {
    std::optional<std::string> name;
    std::optional<manifest::AppKind> kind;
    std::optional<std::string> program;  ///< .app.binary.loopback: path of the ELF to load
    std::uint64_t heap_pages = 2560;
    std::uint64_t untyped_large = 0;
    std::uint64_t untyped_4k = 0;
    std::uint64_t priority = 100;
    std::uint64_t max_priority = 100;
    std::uint64_t threads = 8;
    std::vector<std::string> publishes;
    std::uint64_t vm_memory = 128u << 20;  ///< bytes
    std::uint64_t vm_cpus = 1;
    std::optional<std::string> vm_kernel;
};

enum class LabelType : std::uint8_t { Text, Path, Kind, Number, Bytes, List };

/// A line of the table; \p key follows the prefix.
struct LabelEntry {
    std::string_view key;
    LabelType type;
    std::uint64_t lowest;        ///< of numbers and bytes
    std::uint64_t highest;       ///< likewise
    std::string_view otherwise;  ///< the default, in words
    std::string_view meaning;
};

[[nodiscard]] std::span<const LabelEntry> label_table();
[[nodiscard]] std::string_view name_of(LabelType type);

/// The path of the JSON spec in the image that the labels name (com.koskit.app.spec), if any.
[[nodiscard]] std::optional<std::string> spec_path(std::span<const Label> labels);

/// The labels that a spec file stands for: its keys are those of com.koskit.app.spec.* without the
/// prefix, its values strings, whole numbers or, for publishes, an array of strings.
Outcome<std::vector<Label>> parse_spec(std::string_view json, const std::string& where);

/// Checks \p labels over those of \p spec. KOS-E-LABEL-UNKNOWN, KOS-E-LABEL-VALUE,
/// KOS-E-PRIORITY. Labels of others (not com.koskit.*) are no concern of kos.
Outcome<AppSettings> parse_settings(std::span<const Label> labels, std::span<const Label> spec);

}  // namespace kos::oci
