// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `process` of config.json (runtime-spec, config.md "Process" and "Linux Process"), which is also
// the document that `exec --process` reads.
#pragma once

#include "oci-runtime/spec/failure.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kos::oci {

class Field;

struct User {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::optional<std::uint32_t> umask;
    std::vector<std::uint32_t> additional_gids;
};

/// Sets as bit masks: bit n is capability number n.
struct Capabilities {
    std::uint64_t bounding = 0;
    std::uint64_t effective = 0;
    std::uint64_t inheritable = 0;
    std::uint64_t permitted = 0;
    std::uint64_t ambient = 0;
};

struct Rlimit {
    std::string name;  ///< RLIMIT_NOFILE, …
    int resource = 0;
    std::uint64_t soft = 0;
    std::uint64_t hard = 0;
};

struct ConsoleSize {
    std::uint16_t height = 0;
    std::uint16_t width = 0;
};

/// sched_setattr(2).
struct Scheduler {
    std::uint32_t policy = 0;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

/// ioprio_set(2).
struct IoPriority {
    int io_class = 0;
    int priority = 0;
};

/// Lists of CPUs such as "0-3,7"; empty: unchanged.
struct CpuAffinity {
    std::string initial;
    std::string final;
};

struct Process {
    bool terminal = false;
    std::optional<ConsoleSize> console_size;
    User user;
    std::vector<std::string> args;
    std::vector<std::string> env;
    std::string cwd;
    std::optional<Capabilities> capabilities;
    std::vector<Rlimit> rlimits;
    bool no_new_privileges = false;
    std::string apparmor_profile;
    std::string selinux_label;
    std::optional<int> oom_score_adj;
    std::optional<Scheduler> scheduler;
    std::optional<IoPriority> io_priority;
    CpuAffinity exec_cpu_affinity;
};

[[nodiscard]] Result<void> decode(const Field& field, Process& out);

/// The document of `exec --process`.
[[nodiscard]] Result<Process> parse_process(std::string_view text);

}  // namespace kos::oci
