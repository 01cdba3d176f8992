// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Filters against libseccomp's: the same profile compiled both ways must decide every call alike.
#include "oci-runtime/policy/seccomp_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <random>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

namespace kos::oci {
namespace {

/// Executes a filter as the kernel would; the instructions are those that either compiler uses.
SeccompReturn interpret(const SeccompProgram& program, const seccomp_data& data) {
    std::uint32_t accumulator = 0;
    for (std::size_t next = 0; next < program.size();) {
        const sock_filter& step = program[next++];
        const auto branch = [&](bool taken) { next += taken ? step.jt : step.jf; };
        switch (step.code) {
            case BPF_LD | BPF_W | BPF_ABS:
                std::memcpy(&accumulator, reinterpret_cast<const char*>(&data) + step.k, 4);
                break;
            case BPF_ALU | BPF_AND | BPF_K:
                accumulator &= step.k;
                break;
            case BPF_JMP | BPF_JA:
                next += step.k;
                break;
            case BPF_JMP | BPF_JEQ | BPF_K:
                branch(accumulator == step.k);
                break;
            case BPF_JMP | BPF_JGE | BPF_K:
                branch(accumulator >= step.k);
                break;
            case BPF_JMP | BPF_JGT | BPF_K:
                branch(accumulator > step.k);
                break;
            case BPF_RET | BPF_K:
                return step.k;
            default:
                ADD_FAILURE() << "unexpected instruction " << step.code;
                return 0;
        }
    }
    ADD_FAILURE() << "the filter has no end";
    return 0;
}

std::uint32_t oracle_action(SeccompAction action, std::optional<std::uint32_t> value) {
    switch (action) {
        case SeccompAction::Allow:
            return SCMP_ACT_ALLOW;
        case SeccompAction::Log:
            return SCMP_ACT_LOG;
        case SeccompAction::KillProcess:
            return SCMP_ACT_KILL_PROCESS;
        case SeccompAction::Trap:
            return SCMP_ACT_TRAP;
        case SeccompAction::Errno:
            return SCMP_ACT_ERRNO(value.value_or(EPERM));
        default:
            return SCMP_ACT_KILL_THREAD;
    }
}

scmp_compare oracle_operator(SeccompOperator op) {
    switch (op) {
        case SeccompOperator::NotEqual:
            return SCMP_CMP_NE;
        case SeccompOperator::Less:
            return SCMP_CMP_LT;
        case SeccompOperator::LessOrEqual:
            return SCMP_CMP_LE;
        case SeccompOperator::Equal:
            return SCMP_CMP_EQ;
        case SeccompOperator::GreaterOrEqual:
            return SCMP_CMP_GE;
        case SeccompOperator::Greater:
            return SCMP_CMP_GT;
        case SeccompOperator::MaskedEqual:
            return SCMP_CMP_MASKED_EQ;
    }
    return SCMP_CMP_EQ;
}

SeccompProgram export_program(scmp_filter_ctx filter) {
    const int file = ::memfd_create("filter", MFD_CLOEXEC);
    EXPECT_EQ(seccomp_export_bpf(filter, file), 0);
    const auto size = static_cast<std::size_t>(::lseek(file, 0, SEEK_END));
    SeccompProgram program(size / sizeof(sock_filter));
    EXPECT_EQ(::pread(file, program.data(), size, 0), static_cast<ssize_t>(size));
    ::close(file);
    return program;
}

std::uint32_t oracle_architecture(Machine machine) {
    return machine == Machine::X86_64 ? SCMP_ARCH_X86_64 : SCMP_ARCH_AARCH64;
}

SeccompProgram compile_with_libseccomp(const Seccomp& profile, Machine machine) {
    scmp_filter_ctx filter =
        seccomp_init(oracle_action(profile.default_action, profile.default_errno));
    if (machine != this_machine) {
        EXPECT_EQ(seccomp_arch_add(filter, oracle_architecture(machine)), 0);
        EXPECT_EQ(seccomp_arch_remove(filter, SCMP_ARCH_NATIVE), 0);
    }
    for (const std::string& name : profile.architectures) {
        std::string lower = name.substr(std::string_view{"SCMP_ARCH_"}.size());
        std::ranges::transform(lower, lower.begin(), ::tolower);
        const int added = seccomp_arch_add(filter, seccomp_arch_resolve_name(lower.c_str()));
        EXPECT_TRUE(added == 0 || added == -EEXIST) << name;
    }
    for (const SeccompRule& rule : profile.rules) {
        const std::uint32_t action = oracle_action(rule.action, rule.errno_value);
        if (action == oracle_action(profile.default_action, profile.default_errno)) continue;
        std::vector<scmp_arg_cmp> args;
        for (const SeccompArgument& arg : rule.args) {
            args.push_back({arg.index, oracle_operator(arg.op), arg.value, arg.value_two});
        }
        for (const std::string& name : rule.names) {
            const int number = seccomp_syscall_resolve_name(name.c_str());
            const auto count = static_cast<unsigned>(args.size());
            EXPECT_EQ(seccomp_rule_add_array(filter, action, number, count, args.data()), 0)
                << name;
        }
    }
    SeccompProgram program = export_program(filter);
    seccomp_release(filter);
    return program;
}

constexpr auto interesting_values = std::to_array<std::uint64_t>(
    {0, 1, 2, 3, 8, 9, 16, 17, 40, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x100000009,
     0x7e020000, 0xffffffffffffffff, 0x10000000000});

constexpr Machine other_machine =
    this_machine == Machine::X86_64 ? Machine::Aarch64 : Machine::X86_64;

std::vector<std::uint32_t> architectures_to_try(Machine machine = this_machine) {
    if (machine == Machine::X86_64) return {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64};
    return {AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, AUDIT_ARCH_X86_64};
}

void compare_call(const SeccompProgram& ours, const SeccompProgram& theirs, std::mt19937& random,
                  std::uint32_t architecture, std::uint32_t number) {
    for (int attempt = 0; attempt < 12; ++attempt) {
        seccomp_data data{};
        data.nr = static_cast<int>(number);
        data.arch = architecture;
        for (auto& argument : data.args) {
            argument = interesting_values[random() % interesting_values.size()];
        }
        ASSERT_EQ(interpret(ours, data), interpret(theirs, data))
            << "architecture " << std::hex << architecture << " call " << std::dec << number
            << " args " << data.args[0] << " " << data.args[1] << " " << data.args[2];
    }
}

void expect_same_decisions(const Seccomp& profile, Machine machine = this_machine) {
    const auto ours = compile_seccomp(profile, machine);
    ASSERT_TRUE(ours.ok()) << ours.error().text();
    const SeccompProgram theirs = compile_with_libseccomp(profile, machine);
    std::mt19937 random{1};
    for (const std::uint32_t architecture : architectures_to_try(machine)) {
        for (std::uint32_t number = 0; number < 600; ++number) {
            compare_call(*ours, theirs, random, architecture, number);
            compare_call(*ours, theirs, random, architecture, 0x40000000 + number);
        }
        compare_call(*ours, theirs, random, architecture, 0xffffffff);
    }
}

Seccomp allow_list() {
    Seccomp profile;
    profile.default_action = SeccompAction::Errno;
    profile.default_errno = ENOSYS;
    profile.rules.push_back({{"read", "write", "openat", "close", "mmap", "exit_group", "futex",
                              "bind", "connect", "semop", "shmget", "clone3", "statx"},
                             SeccompAction::Allow,
                             {},
                             {}});
    for (const std::uint64_t value : {0ull, 8ull, 0xffffffffull}) {
        profile.rules.push_back(
            {{"personality"}, SeccompAction::Allow, {}, {{0, value, 0, SeccompOperator::Equal}}});
    }
    return profile;
}

const std::vector<std::string> several_architectures{
    "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};

/// Of one machine's: libseccomp would add the others, whose calls never come.
std::vector<std::string> own_architectures(Machine machine = this_machine) {
    if (machine == Machine::X86_64) {
        return {several_architectures.begin(), several_architectures.begin() + 3};
    }
    return {several_architectures.begin() + 3, several_architectures.end()};
}

TEST(SeccompPolicy, AnAllowListForTheNativeArchitectureDecidesAsLibseccomps) {
    expect_same_decisions(allow_list());
}

TEST(SeccompPolicy, AnAllowListForSeveralArchitecturesDecidesAsLibseccomps) {
    Seccomp profile = allow_list();
    profile.architectures = own_architectures();
    expect_same_decisions(profile);
}

TEST(SeccompPolicy, EveryOperatorDecidesAsLibseccomps) {
    for (const SeccompOperator op :
         {SeccompOperator::NotEqual, SeccompOperator::Less, SeccompOperator::LessOrEqual,
          SeccompOperator::Equal, SeccompOperator::GreaterOrEqual, SeccompOperator::Greater}) {
        for (const std::uint64_t value : interesting_values) {
            Seccomp profile;
            profile.default_action = SeccompAction::Allow;
            profile.rules.push_back(
                {{"kill"}, SeccompAction::Errno, 5, {{1, value, 0, op}, {2, 9, 0, op}}});
            expect_same_decisions(profile);
            if (HasFatalFailure()) return;
        }
    }
}

TEST(SeccompPolicy, MaskedComparisonsDecideAsLibseccomps) {
    Seccomp profile;
    profile.default_action = SeccompAction::Errno;
    profile.architectures = own_architectures();
    profile.default_errno = ENOSYS;
    profile.rules.push_back(
        {{"clone"}, SeccompAction::Allow, {}, {{0, 0x7e020000, 0, SeccompOperator::MaskedEqual}}});
    expect_same_decisions(profile);
}

TEST(SeccompPolicy, AFilterForAnotherMachineDecidesAsLibseccomps) {
    Seccomp profile = allow_list();
    expect_same_decisions(profile, other_machine);
    profile.architectures = own_architectures(other_machine);
    expect_same_decisions(profile, other_machine);
}

TEST(SeccompPolicy, AnEmptyProfileGivesItsDefault) {
    Seccomp profile;
    profile.default_action = SeccompAction::Log;
    expect_same_decisions(profile);
}

TEST(SeccompPolicy, CallsNewerThanTheProfileAreMissingWhereTheDefaultIsEperm) {
    Seccomp profile;
    profile.default_action = SeccompAction::Errno;
    profile.rules.push_back({{"read"}, SeccompAction::Allow, {}, {}});
    const auto program = compile_seccomp(profile);
    ASSERT_TRUE(program.ok());
    seccomp_data data{};
    data.arch = architectures_to_try().front();
    data.nr = 5000;
    EXPECT_EQ(interpret(*program, data), SECCOMP_RET_ERRNO | ENOSYS);
}

TEST(SeccompPolicy, AnUnknownCallMayBeAllowedButNotRestricted) {
    Seccomp profile;
    profile.default_action = SeccompAction::Errno;
    profile.rules.push_back({{"call_of_the_future"}, SeccompAction::Allow, {}, {}});
    EXPECT_TRUE(compile_seccomp(profile).ok());
    profile.default_action = SeccompAction::Allow;
    profile.rules[0].action = SeccompAction::Errno;
    const auto refused = compile_seccomp(profile);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().where, "/linux/seccomp/syscalls/0/names/0");
}

}  // namespace
}  // namespace kos::oci
