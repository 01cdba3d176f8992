// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/spec/process.hpp"

#include "oci-runtime/spec/capability_names.hpp"
#include "oci-runtime/spec/field.hpp"

#include <array>
#include <sched.h>
#include <sys/resource.h>

namespace kos::oci {

namespace {

constexpr auto rlimit_names = std::to_array<Name<int>>({
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
});

constexpr auto scheduler_policies = std::to_array<Name<std::uint32_t>>({
    {"SCHED_OTHER", 0},
    {"SCHED_FIFO", 1},
    {"SCHED_RR", 2},
    {"SCHED_BATCH", 3},
    {"SCHED_ISO", 4},
    {"SCHED_IDLE", 5},
    {"SCHED_DEADLINE", 6},
});

constexpr auto scheduler_flags = std::to_array<Name<std::uint64_t>>({
    {"SCHED_FLAG_RESET_ON_FORK", 0x01},
    {"SCHED_FLAG_RECLAIM", 0x02},
    {"SCHED_FLAG_DL_OVERRUN", 0x04},
    {"SCHED_FLAG_KEEP_POLICY", 0x08},
    {"SCHED_FLAG_KEEP_PARAMS", 0x10},
    {"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20},
    {"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40},
});

constexpr auto io_classes = std::to_array<Name<int>>({
    {"IOPRIO_CLASS_RT", 1},
    {"IOPRIO_CLASS_BE", 2},
    {"IOPRIO_CLASS_IDLE", 3},
});

/// A list of capability names as a mask.
Result<void> read_capabilities(const Field& field, std::string_view key, std::uint64_t& mask) {
    static constexpr auto names = [] {
        std::array<Name<std::uint64_t>, capability_names.size()> rows{};
        for (std::size_t n = 0; n < rows.size(); ++n) {
            rows[n] = {capability_names[n], std::uint64_t{1} << n};
        }
        return rows;
    }();
    return field.optional_mask<std::uint64_t>(key, names, mask);
}

Result<void> check_cpu_list(const Field& field, std::string_view key, const std::string& list) {
    if (list.find_first_not_of("0123456789, -") == std::string::npos) return {};
    return field.error(key, "is no list of CPUs: \"" + list + "\"");
}

}  // namespace

Result<void> decode(const Field& field, User& out) {
    KOS_TRY(field.optional("uid", out.uid));
    KOS_TRY(field.optional("gid", out.gid));
    KOS_TRY(field.optional("umask", out.umask));
    return field.optional("additionalGids", out.additional_gids);
}

Result<void> decode(const Field& field, Capabilities& out) {
    KOS_TRY(read_capabilities(field, "bounding", out.bounding));
    KOS_TRY(read_capabilities(field, "effective", out.effective));
    KOS_TRY(read_capabilities(field, "inheritable", out.inheritable));
    KOS_TRY(read_capabilities(field, "permitted", out.permitted));
    KOS_TRY(read_capabilities(field, "ambient", out.ambient));
    return {};
}

Result<void> decode(const Field& field, Rlimit& out) {
    KOS_TRY(field.required("type", out.name));
    KOS_TRY(field.required_name<int>("type", rlimit_names, out.resource));
    KOS_TRY(field.required("soft", out.soft));
    KOS_TRY(field.required("hard", out.hard));
    if (out.soft > out.hard) return field.error("soft", "is above hard, for " + out.name);
    return {};
}

Result<void> decode(const Field& field, ConsoleSize& out) {
    KOS_TRY(field.required("height", out.height));
    return field.required("width", out.width);
}

Result<void> decode(const Field& field, Scheduler& out) {
    KOS_TRY(field.required_name<std::uint32_t>("policy", scheduler_policies, out.policy));
    KOS_TRY(field.optional_mask<std::uint64_t>("flags", scheduler_flags, out.flags));
    KOS_TRY(field.optional("nice", out.nice));
    KOS_TRY(field.optional("priority", out.priority));
    KOS_TRY(field.optional("runtime", out.runtime));
    KOS_TRY(field.optional("deadline", out.deadline));
    return field.optional("period", out.period);
}

Result<void> decode(const Field& field, IoPriority& out) {
    KOS_TRY(field.required_name<int>("class", io_classes, out.io_class));
    KOS_TRY(field.optional("priority", out.priority));
    if (out.priority < 0 || out.priority > 7) return field.error("priority", "must be from 0 to 7");
    return {};
}

Result<void> decode(const Field& field, CpuAffinity& out) {
    KOS_TRY(field.optional("initial", out.initial));
    KOS_TRY(field.optional("final", out.final));
    KOS_TRY(check_cpu_list(field, "initial", out.initial));
    return check_cpu_list(field, "final", out.final);
}

Result<void> decode(const Field& field, Process& out) {
    KOS_TRY(field.optional("terminal", out.terminal));
    KOS_TRY(field.optional("consoleSize", out.console_size));
    KOS_TRY(field.optional("user", out.user));
    KOS_TRY(field.optional("args", out.args));
    KOS_TRY(field.optional("env", out.env));
    KOS_TRY(field.required("cwd", out.cwd));
    KOS_TRY(field.optional("capabilities", out.capabilities));
    KOS_TRY(field.optional("rlimits", out.rlimits));
    KOS_TRY(field.optional("noNewPrivileges", out.no_new_privileges));
    KOS_TRY(field.optional("apparmorProfile", out.apparmor_profile));
    KOS_TRY(field.optional("selinuxLabel", out.selinux_label));
    KOS_TRY(field.optional("oomScoreAdj", out.oom_score_adj));
    KOS_TRY(field.optional("scheduler", out.scheduler));
    KOS_TRY(field.optional("ioPriority", out.io_priority));
    KOS_TRY(field.optional("execCPUAffinity", out.exec_cpu_affinity));
    if (!out.cwd.starts_with('/')) {
        return field.error("cwd", "must be an absolute path, is \"" + out.cwd + "\"");
    }
    for (std::size_t i = 0; i < out.rlimits.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (out.rlimits[i].resource == out.rlimits[j].resource) {
                return field.error("rlimits", out.rlimits[i].name + " is given twice");
            }
        }
    }
    return {};
}

Result<Process> parse_process(std::string_view text) {
    const Json document = KOS_TRY(parse_json(text, "process.json"));
    Process process;
    KOS_TRY(decode(Field{document}, process));
    if (process.args.empty()) return fail("/args", "must not be empty");
    return process;
}

}  // namespace kos::oci
