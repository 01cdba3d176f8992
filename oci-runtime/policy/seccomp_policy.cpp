// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/policy/seccomp_policy.hpp"

#include "oci-runtime/policy/seccomp_multiplexed.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>

namespace kos::oci {

namespace {

enum class Family { X86, Arm, RiscV, Other };

struct MachineFacts {
    Family family;
    std::uint32_t native;
};

constexpr MachineFacts facts_of(Machine machine) {
    switch (machine) {
        case Machine::X86_64:
            return {Family::X86, SCMP_ARCH_X86_64};
        case Machine::Aarch64:
            return {Family::Arm, SCMP_ARCH_AARCH64};
        case Machine::Riscv64:
            return {Family::RiscV, SCMP_ARCH_RISCV64};
    }
    return {Family::Other, 0};
}

struct Architecture {
    std::string_view name;
    std::uint32_t token;
    Family family;
    bool wide;
};

constexpr auto architectures = std::to_array<Architecture>({
    {"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64, Family::X86, true},
    {"SCMP_ARCH_X86", SCMP_ARCH_X86, Family::X86, false},
    {"SCMP_ARCH_X32", SCMP_ARCH_X32, Family::X86, false},
    {"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64, Family::Arm, true},
    {"SCMP_ARCH_ARM", SCMP_ARCH_ARM, Family::Arm, false},
    {"SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64, Family::RiscV, true},
    {"SCMP_ARCH_LOONGARCH64", 0, Family::Other, true},
    {"SCMP_ARCH_M68K", 0, Family::Other, false},
    {"SCMP_ARCH_MIPS", 0, Family::Other, false},
    {"SCMP_ARCH_MIPS64", 0, Family::Other, true},
    {"SCMP_ARCH_MIPS64N32", 0, Family::Other, false},
    {"SCMP_ARCH_MIPSEL", 0, Family::Other, false},
    {"SCMP_ARCH_MIPSEL64", 0, Family::Other, true},
    {"SCMP_ARCH_MIPSEL64N32", 0, Family::Other, false},
    {"SCMP_ARCH_PARISC", 0, Family::Other, false},
    {"SCMP_ARCH_PARISC64", 0, Family::Other, true},
    {"SCMP_ARCH_PPC", 0, Family::Other, false},
    {"SCMP_ARCH_PPC64", 0, Family::Other, true},
    {"SCMP_ARCH_PPC64LE", 0, Family::Other, true},
    {"SCMP_ARCH_S390", 0, Family::Other, false},
    {"SCMP_ARCH_S390X", 0, Family::Other, true},
    {"SCMP_ARCH_SH", 0, Family::Other, false},
    {"SCMP_ARCH_SHEB", 0, Family::Other, false},
});

/// x86-64 and x32 share an audit architecture and differ in this bit of the number.
constexpr std::uint32_t x32_bit = 0x4000'0000;
/// A tracer sets this number to skip a call; it reaches the filter again.
constexpr std::uint32_t skipped_call = 0xffff'ffff;

std::uint32_t audit_architecture(const Architecture& architecture) {
    return architecture.token == SCMP_ARCH_X32 ? AUDIT_ARCH_X86_64 : architecture.token;
}

SeccompReturn return_value(SeccompAction action, std::optional<std::uint32_t> data) {
    const std::uint32_t value = data.value_or(EPERM) & SECCOMP_RET_DATA;
    switch (action) {
        case SeccompAction::KillProcess:
            return SECCOMP_RET_KILL_PROCESS;
        case SeccompAction::KillThread:
            return SECCOMP_RET_KILL_THREAD;
        case SeccompAction::Trap:
            return SECCOMP_RET_TRAP;
        case SeccompAction::Errno:
            return SECCOMP_RET_ERRNO | value;
        case SeccompAction::Notify:
            return SECCOMP_RET_USER_NOTIF;
        case SeccompAction::Trace:
            return SECCOMP_RET_TRACE | value;
        case SeccompAction::Log:
            return SECCOMP_RET_LOG;
        case SeccompAction::Allow:
            return SECCOMP_RET_ALLOW;
    }
    return SECCOMP_RET_KILL_PROCESS;
}

bool takes_errno(SeccompAction action) {
    return action == SeccompAction::Errno || action == SeccompAction::Trace;
}

/// Comparisons of one argument given twice are alternatives, as in runc and crun: each makes a
/// condition of its own.
std::vector<std::vector<SeccompArgument>> alternatives(const std::vector<SeccompArgument>& args) {
    for (std::size_t i = 0; i < args.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (args[i].index != args[j].index) continue;
            std::vector<std::vector<SeccompArgument>> each;
            for (const SeccompArgument& argument : args) each.push_back({argument});
            return each;
        }
    }
    return {args};
}

class Compiler {
   public:
    Compiler(const Seccomp& profile, Machine machine)
        : profile_(profile),
          machine_(facts_of(machine)),
          default_(return_value(profile.default_action, profile.default_errno)) {}

    Result<SeccompProgram> compile() {
        KOS_TRY(choose_architectures());
        for (std::size_t i = 0; i < profile_.rules.size(); ++i) KOS_TRY(add(profile_.rules[i], i));
        std::vector<ArchitecturePolicy> policies;
        for (const Architecture* architecture : chosen_) {
            if (architecture->token == SCMP_ARCH_X32 && has(SCMP_ARCH_X86_64)) continue;
            policies.push_back(finish(*architecture));
        }
        return assemble_seccomp(policies, SECCOMP_RET_KILL_THREAD);
    }

   private:
    [[nodiscard]] bool has(std::uint32_t token) const {
        return std::ranges::find(chosen_, token, &Architecture::token) != chosen_.end();
    }

    Result<void> choose_architectures() {
        chosen_.push_back(std::ranges::find(architectures, machine_.native, &Architecture::token));
        for (std::size_t i = 0; i < profile_.architectures.size(); ++i) {
            const auto* row =
                std::ranges::find(architectures, profile_.architectures[i], &Architecture::name);
            if (row == architectures.end()) {
                return fail("/linux/seccomp/architectures/" + std::to_string(i),
                            "unknown architecture \"" + profile_.architectures[i] + "\"");
            }
            if (row->family == machine_.family && !has(row->token)) chosen_.push_back(row);
        }
        return {};
    }

    Result<void> add(const SeccompRule& rule, std::size_t index) {
        const std::string where = "/linux/seccomp/syscalls/" + std::to_string(index);
        if (rule.errno_value && !takes_errno(rule.action)) {
            return fail(where + "/errnoRet", "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE return one");
        }
        const SeccompReturn action = return_value(rule.action, rule.errno_value);
        if (action == default_) return {};
        for (std::size_t i = 0; i < rule.names.size(); ++i) {
            const bool known = add_name(rule, action, rule.names[i]);
            if (!known) KOS_TRY(unknown_name(rule, i, where));
        }
        return {};
    }

    /// False where libseccomp does not know the name.
    bool add_name(const SeccompRule& rule, SeccompReturn action, const std::string& name) {
        for (const Architecture* architecture : chosen_) {
            const int number = seccomp_syscall_resolve_name_arch(architecture->token, name.c_str());
            if (number == __NR_SCMP_ERROR) return false;
            add_call(*architecture, number, rule, action);
        }
        return true;
    }

    /// A profile may name calls of newer kernels. To allow what cannot be named is no loss; to
    /// leave such a call unrestricted would be.
    [[nodiscard]] Result<void> unknown_name(const SeccompRule& rule, std::size_t index,
                                            const std::string& where) const {
        if (rule.action > profile_.default_action) return {};
        return fail(where + "/names/" + std::to_string(index),
                    "unknown system call \"" + rule.names[index] + "\" cannot be restricted");
    }

    void add_call(const Architecture& architecture, int number, const SeccompRule& rule,
                  SeccompReturn action) {
        const auto multiplexed = architecture.token == SCMP_ARCH_X86
                                     ? find_multiplexed(number)
                                     : std::optional<MultiplexedCall>{};
        if (multiplexed) {
            // The other arguments are behind a pointer; conditions on them are kept as they are.
            std::vector<SeccompArgument> args = rule.args;
            std::erase_if(args, [](const SeccompArgument& arg) { return arg.index == 0; });
            args.push_back({0, multiplexed->operation, 0, SeccompOperator::Equal});
            add_policy(architecture, multiplexed->through, args, action);
            if (multiplexed->direct == 0) return;
            number = static_cast<int>(multiplexed->direct);
        }
        // Other negative numbers stand for calls that the architecture does not have.
        if (number < 0) return;
        add_policy(architecture, static_cast<std::uint32_t>(number), rule.args, action);
    }

    void add_policy(const Architecture& architecture, std::uint32_t number,
                    const std::vector<SeccompArgument>& args, SeccompReturn action) {
        SyscallPolicy& policy = calls_[audit_architecture(architecture)][number];
        policy.wide = architecture.wide;
        if (args.empty()) {
            if (!policy.always) policy.always = action;
            return;
        }
        for (std::vector<SeccompArgument>& all : alternatives(args)) {
            policy.when.push_back({std::move(all), action});
        }
    }

    /// As in runc: with a default of EPERM, calls newer than any the profile knows give ENOSYS, so
    /// that programs fall back to older ones.
    [[nodiscard]] bool newer_calls_are_missing() const {
        return profile_.default_action == SeccompAction::Errno &&
               profile_.default_errno.value_or(EPERM) == EPERM;
    }

    ArchitecturePolicy finish(const Architecture& architecture) {
        const std::uint32_t audit = audit_architecture(architecture);
        ArchitecturePolicy policy{audit, std::move(calls_[audit]), {{0, default_}}};
        if (newer_calls_are_missing()) {
            mark_newer(policy, 0, x32_bit);
            if (audit == AUDIT_ARCH_X86_64) mark_newer(policy, x32_bit, skipped_call);
        }
        if (audit == AUDIT_ARCH_X86_64) {
            if (!has(SCMP_ARCH_X32)) policy.otherwise[x32_bit] = SECCOMP_RET_KILL_THREAD;
            if (!has(SCMP_ARCH_X86_64)) {
                policy.otherwise[0] = SECCOMP_RET_KILL_THREAD;
                policy.otherwise[x32_bit] = default_;
            }
            policy.otherwise.try_emplace(x32_bit, default_);
            policy.otherwise[skipped_call] = default_;
        }
        return policy;
    }

    /// Numbers from the highest of the profile within [from, to) up to `to` are newer.
    void mark_newer(ArchitecturePolicy& policy, std::uint32_t from, std::uint32_t to) const {
        const auto end = policy.syscalls.lower_bound(to);
        if (end == policy.syscalls.begin()) return;
        const std::uint32_t highest = std::prev(end)->first;
        if (highest < from) return;
        policy.otherwise[highest + 1] = SECCOMP_RET_ERRNO | ENOSYS;
        policy.otherwise.try_emplace(to, default_);
    }

    const Seccomp& profile_;
    MachineFacts machine_;
    SeccompReturn default_;
    std::vector<const Architecture*> chosen_;
    std::map<std::uint32_t, std::map<std::uint32_t, SyscallPolicy>> calls_;
};

}  // namespace

Result<SeccompProgram> compile_seccomp(const Seccomp& profile, Machine machine) {
    if (profile.default_errno && !takes_errno(profile.default_action)) {
        return fail("/linux/seccomp/defaultErrnoRet",
                    "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE return one");
    }
    SeccompProgram program = KOS_TRY((Compiler{profile, machine}.compile()));
    if (program.size() > BPF_MAXINSNS) {
        return fail("/linux/seccomp", "the filter needs " + std::to_string(program.size()) +
                                          " instructions, the kernel takes at most " +
                                          std::to_string(BPF_MAXINSNS));
    }
    return program;
}

std::vector<std::string_view> seccomp_architecture_names() {
    std::vector<std::string_view> names;
    for (const Architecture& row : architectures) names.push_back(row.name);
    std::ranges::sort(names);
    return names;
}

}  // namespace kos::oci
