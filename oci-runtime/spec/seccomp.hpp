// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `linux.seccomp` of config.json (runtime-spec, config-linux.md "Seccomp").
#pragma once

#include "oci-runtime/spec/failure.hpp"
#include "oci-runtime/spec/names.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kos::oci {

class Field;

enum class SeccompAction { KillProcess, KillThread, Trap, Errno, Notify, Trace, Log, Allow };

enum class SeccompOperator {
    NotEqual,
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
    MaskedEqual
};

struct SeccompArgument {
    std::uint32_t index = 0;
    std::uint64_t value = 0;
    std::uint64_t value_two = 0;  ///< MaskedEqual: (argument & value) == value_two
    SeccompOperator op = SeccompOperator::Equal;
};

struct SeccompRule {
    std::vector<std::string> names;
    SeccompAction action = SeccompAction::Allow;
    std::optional<std::uint32_t> errno_value;
    std::vector<SeccompArgument> args;
};

struct Seccomp {
    SeccompAction default_action = SeccompAction::KillThread;
    std::optional<std::uint32_t> default_errno;
    std::vector<std::string> architectures;  ///< SCMP_ARCH_*; the native one when empty
    std::optional<std::uint64_t> flags;      ///< SECCOMP_FILTER_FLAG_*
    std::string listener_path;
    std::string listener_metadata;
    std::vector<SeccompRule> rules;
};

inline constexpr auto seccomp_action_names = std::to_array<Name<SeccompAction>>({
    {"SCMP_ACT_ALLOW", SeccompAction::Allow},
    {"SCMP_ACT_ERRNO", SeccompAction::Errno},
    {"SCMP_ACT_KILL", SeccompAction::KillThread},
    {"SCMP_ACT_KILL_PROCESS", SeccompAction::KillProcess},
    {"SCMP_ACT_KILL_THREAD", SeccompAction::KillThread},
    {"SCMP_ACT_LOG", SeccompAction::Log},
    {"SCMP_ACT_NOTIFY", SeccompAction::Notify},
    {"SCMP_ACT_TRACE", SeccompAction::Trace},
    {"SCMP_ACT_TRAP", SeccompAction::Trap},
});

inline constexpr auto seccomp_operator_names = std::to_array<Name<SeccompOperator>>({
    {"SCMP_CMP_EQ", SeccompOperator::Equal},
    {"SCMP_CMP_GE", SeccompOperator::GreaterOrEqual},
    {"SCMP_CMP_GT", SeccompOperator::Greater},
    {"SCMP_CMP_LE", SeccompOperator::LessOrEqual},
    {"SCMP_CMP_LT", SeccompOperator::Less},
    {"SCMP_CMP_MASKED_EQ", SeccompOperator::MaskedEqual},
    {"SCMP_CMP_NE", SeccompOperator::NotEqual},
});

inline constexpr auto seccomp_flag_names = std::to_array<Name<std::uint64_t>>({
    {"SECCOMP_FILTER_FLAG_LOG", 1u << 1},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", 1u << 2},
    {"SECCOMP_FILTER_FLAG_TSYNC", 1u << 0},
    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 1u << 5},
});

[[nodiscard]] Result<void> decode(const Field& field, Seccomp& out);

}  // namespace kos::oci
