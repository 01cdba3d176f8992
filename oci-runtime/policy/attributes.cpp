// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/policy/attributes.hpp"

#include "oci-runtime/policy/cpu_list.hpp"

#include <array>
#include <sched.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace kos::oci {

Result<void> apply_rlimits(const std::vector<Rlimit>& limits) {
    for (std::size_t i = 0; i < limits.size(); ++i) {
        const Rlimit& limit = limits[i];
        const rlimit64 value{limit.soft, limit.hard};
        if (::prlimit64(0, static_cast<__rlimit_resource>(limit.resource), &value, nullptr) == 0) {
            continue;
        }
        const sys::Errno error{errno};
        return fail("/process/rlimits/" + std::to_string(i),
                    limit.name + " cannot be " + std::to_string(limit.soft) + ":" +
                        std::to_string(limit.hard),
                    error);
    }
    return {};
}

namespace {

/// struct sched_attr of linux/sched/types.h, which cannot be included beside sched.h.
struct SchedulerAttributes {
    std::uint32_t size = sizeof(SchedulerAttributes);
    std::uint32_t policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime;
    std::uint64_t deadline;
    std::uint64_t period;
    std::uint32_t utilisation_min = 0;
    std::uint32_t utilisation_max = 0;
};
static_assert(sizeof(SchedulerAttributes) == 56);

}  // namespace

Result<void> apply_scheduler(const std::optional<Scheduler>& scheduler) {
    if (!scheduler) return {};
    SchedulerAttributes attributes{
        .policy = scheduler->policy,
        .flags = scheduler->flags,
        .nice = scheduler->nice,
        .priority = scheduler->priority,
        .runtime = scheduler->runtime,
        .deadline = scheduler->deadline,
        .period = scheduler->period,
    };
    return explain(sys::done(::syscall(SYS_sched_setattr, 0, &attributes, 0)), "/process/scheduler",
                   "sched_setattr");
}

Result<void> apply_io_priority(const std::optional<IoPriority>& priority) {
    if (!priority) return {};
    constexpr int who_process = 1;
    constexpr int class_shift = 13;
    const int value = priority->io_class << class_shift | priority->priority;
    return explain(sys::done(::syscall(SYS_ioprio_set, who_process, 0, value)),
                   "/process/ioPriority", "ioprio_set");
}

Result<void> apply_memory_policy(const std::optional<MemoryPolicy>& policy) {
    if (!policy) return {};
    const CpuSet nodes = KOS_TRY(parse_cpu_list(policy->nodes, "/linux/memoryPolicy/nodes"));
    const bool any = nodes.any();
    std::array<unsigned long, CpuSet{}.size() / (8 * sizeof(unsigned long))> mask{};
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        if (nodes[node]) {
            mask[node / (8 * sizeof(unsigned long))] |= 1ul << node % (8 * sizeof(unsigned long));
        }
    }
    return explain(
        sys::done(::syscall(SYS_set_mempolicy, policy->mode | static_cast<int>(policy->flags),
                            any ? mask.data() : nullptr, any ? nodes.size() + 1 : 0)),
        "/linux/memoryPolicy", "set_mempolicy");
}

Result<void> apply_personality(const std::optional<std::uint32_t>& value) {
    if (!value) return {};
    return explain(sys::done(::personality(*value)), "/linux/personality", "personality");
}

Result<void> apply_cpu_affinity(const std::string& list, std::string_view where) {
    if (list.empty()) return {};
    const CpuSet cpus = KOS_TRY(parse_cpu_list(list, where));
    cpu_set_t mask;
    CPU_ZERO(&mask);
    for (std::size_t cpu = 0; cpu < cpus.size(); ++cpu) {
        if (cpus[cpu]) CPU_SET(cpu, &mask);
    }
    return explain(sys::done(::sched_setaffinity(0, sizeof mask, &mask)), where,
                   "sched_setaffinity");
}

}  // namespace kos::oci
