// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/policy/seccomp_program.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <linux/seccomp.h>
#include <span>

namespace kos::oci {

namespace {

sock_filter statement(unsigned code, std::uint32_t k) {
    return {static_cast<std::uint16_t>(code), 0, 0, k};
}
sock_filter branch(unsigned code, std::uint32_t k, std::size_t if_true, std::size_t if_false) {
    return {static_cast<std::uint16_t>(BPF_JMP | BPF_K | code), static_cast<std::uint8_t>(if_true),
            static_cast<std::uint8_t>(if_false), k};
}
sock_filter load(std::size_t offset) {
    return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter finish(SeccompReturn action) { return statement(BPF_RET | BPF_K, action); }

void append(SeccompProgram& program, const SeccompProgram& tail) {
    program.insert(program.end(), tail.begin(), tail.end());
}

/// One comparison, in symbolic form: its jumps go to the next instruction, past the comparison
/// (it holds) or to the next condition (it does not).
enum class Target { Next, Holds, Fails };
struct Step {
    sock_filter instruction;
    Target if_true = Target::Next;
    Target if_false = Target::Next;
};

constexpr std::size_t low_word(std::uint32_t index) {
    return offsetof(seccomp_data, args) + 8 * index;
}
constexpr std::size_t high_word(std::uint32_t index) { return low_word(index) + 4; }
constexpr std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
constexpr std::uint32_t high(std::uint64_t value) {
    return static_cast<std::uint32_t>(value >> 32);
}

void add_jump(std::vector<Step>& steps, unsigned code, std::uint32_t k, Target if_true,
              Target if_false) {
    steps.push_back({branch(code, k, 0, 0), if_true, if_false});
}

/// (argument & mask) == value, word by word; a word that the mask hides is not looked at.
void compare_masked(std::vector<Step>& steps, std::size_t offset, std::uint32_t mask,
                    std::uint32_t value) {
    if (mask == 0 && value == 0) return;
    steps.push_back({load(offset)});
    if (mask != std::numeric_limits<std::uint32_t>::max()) {
        steps.push_back({statement(BPF_ALU | BPF_AND | BPF_K, mask)});
    }
    add_jump(steps, BPF_JEQ, value, Target::Next, Target::Fails);
}

/// Decides by the high word, or leaves it to the low one where the high words are equal.
void compare_high(std::vector<Step>& steps, const SeccompArgument& argument) {
    const std::uint32_t value = high(argument.value);
    steps.push_back({load(high_word(argument.index))});
    switch (argument.op) {
        case SeccompOperator::NotEqual:
            return add_jump(steps, BPF_JEQ, value, Target::Next, Target::Holds);
        case SeccompOperator::Greater:
        case SeccompOperator::GreaterOrEqual:
            add_jump(steps, BPF_JGT, value, Target::Holds, Target::Next);
            return add_jump(steps, BPF_JEQ, value, Target::Next, Target::Fails);
        case SeccompOperator::Less:
        case SeccompOperator::LessOrEqual:
            add_jump(steps, BPF_JGT, value, Target::Fails, Target::Next);
            return add_jump(steps, BPF_JEQ, value, Target::Next, Target::Holds);
        case SeccompOperator::Equal:
        case SeccompOperator::MaskedEqual:
            return add_jump(steps, BPF_JEQ, value, Target::Next, Target::Fails);
    }
}

void compare_low(std::vector<Step>& steps, const SeccompArgument& argument) {
    const std::uint32_t value = low(argument.value);
    steps.push_back({load(low_word(argument.index))});
    switch (argument.op) {
        case SeccompOperator::NotEqual:
            return add_jump(steps, BPF_JEQ, value, Target::Fails, Target::Holds);
        case SeccompOperator::Greater:
            return add_jump(steps, BPF_JGT, value, Target::Holds, Target::Fails);
        case SeccompOperator::GreaterOrEqual:
            return add_jump(steps, BPF_JGE, value, Target::Holds, Target::Fails);
        case SeccompOperator::Less:
            return add_jump(steps, BPF_JGE, value, Target::Fails, Target::Holds);
        case SeccompOperator::LessOrEqual:
            return add_jump(steps, BPF_JGT, value, Target::Fails, Target::Holds);
        case SeccompOperator::Equal:
        case SeccompOperator::MaskedEqual:
            return add_jump(steps, BPF_JEQ, value, Target::Holds, Target::Fails);
    }
}

std::vector<Step> comparison(const SeccompArgument& argument, bool wide) {
    std::vector<Step> steps;
    if (argument.op == SeccompOperator::MaskedEqual) {
        if (wide) {
            compare_masked(steps, high_word(argument.index), high(argument.value),
                           high(argument.value_two));
        }
        compare_masked(steps, low_word(argument.index), low(argument.value),
                       low(argument.value_two));
        return steps;
    }
    if (wide) compare_high(steps, argument);
    compare_low(steps, argument);
    return steps;
}

/// The comparisons one after another, then the action. What fails jumps past the action.
SeccompProgram condition(const SeccompCondition& condition, bool wide) {
    struct Placed {
        Step step;
        std::size_t holds;  ///< index of the instruction after the comparison
    };
    std::vector<Placed> placed;
    for (const SeccompArgument& argument : condition.all) {
        const std::vector<Step> steps = comparison(argument, wide);
        const std::size_t end = placed.size() + steps.size();
        for (const Step& step : steps) placed.push_back({step, end});
    }
    const std::size_t fails = placed.size() + 1;
    SeccompProgram program;
    for (std::size_t i = 0; i < placed.size(); ++i) {
        sock_filter instruction = placed[i].step.instruction;
        const auto distance = [&](Target target) -> std::uint8_t {
            const std::size_t to = target == Target::Next    ? i + 1
                                   : target == Target::Holds ? placed[i].holds
                                                             : fails;
            return static_cast<std::uint8_t>(to - i - 1);
        };
        if (BPF_CLASS(instruction.code) == BPF_JMP) {
            instruction.jt = distance(placed[i].step.if_true);
            instruction.jf = distance(placed[i].step.if_false);
        }
        program.push_back(instruction);
    }
    program.push_back(finish(condition.action));
    return program;
}

/// What happens from one system call number on, up to the next range.
struct Range {
    std::uint32_t start;
    SeccompReturn action;  ///< without a policy, or where none of its conditions holds
    const SyscallPolicy* policy = nullptr;  ///< with conditions, or null
};

SeccompProgram leaf(const Range& range) {
    SeccompProgram program;
    if (range.policy != nullptr) {
        for (const SeccompCondition& each : range.policy->when) {
            append(program, condition(each, range.policy->wide));
        }
    }
    program.push_back(finish(range.action));
    return program;
}

/// The accumulator holds the number: which of the ranges is it in?
SeccompProgram search(std::span<const Range> ranges) {
    if (ranges.size() == 1) return leaf(ranges.front());
    const std::size_t middle = ranges.size() / 2;
    const SeccompProgram below = search(ranges.first(middle));
    const SeccompProgram above = search(ranges.subspan(middle));
    SeccompProgram program;
    if (below.size() <= 255) {
        program.push_back(branch(BPF_JGE, ranges[middle].start, below.size(), 0));
    } else {
        program.push_back(branch(BPF_JGE, ranges[middle].start, 0, 1));
        program.push_back(statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(below.size())));
    }
    append(program, below);
    append(program, above);
    return program;
}

void add_range(std::vector<Range>& ranges, const Range& range) {
    if (!ranges.empty()) {
        Range& last = ranges.back();
        if (last.start == range.start) ranges.pop_back();
    }
    if (!ranges.empty()) {
        const Range& last = ranges.back();
        const bool same =
            last.policy == nullptr && range.policy == nullptr && last.action == range.action;
        if (same) return;
    }
    ranges.push_back(range);
}

SeccompReturn otherwise_at(const ArchitecturePolicy& architecture, std::uint32_t number) {
    return std::prev(architecture.otherwise.upper_bound(number))->second;
}

/// A number where something may change, and the policy from there on.
using Start = std::pair<std::uint32_t, const SyscallPolicy*>;

/// In order; of two at one number the one with a policy.
std::vector<Start> starts_of(const ArchitecturePolicy& architecture) {
    std::vector<Start> calls, others, starts;
    calls.reserve(2 * architecture.syscalls.size());
    for (const auto& [number, policy] : architecture.syscalls) {
        if (!calls.empty() && calls.back().first == number) calls.pop_back();
        calls.emplace_back(number, &policy);
        if (number != std::numeric_limits<std::uint32_t>::max()) {
            calls.emplace_back(number + 1, nullptr);
        }
    }
    for (const auto& [number, action] : architecture.otherwise)
        others.emplace_back(number, nullptr);
    std::ranges::merge(calls, others, std::back_inserter(starts), {}, &Start::first, &Start::first);
    const auto twice = std::unique(
        starts.begin(), starts.end(),
        [](const Start& left, const Start& right) { return left.first == right.first; });
    starts.erase(twice, starts.end());
    return starts;
}

std::vector<Range> ranges_of(const ArchitecturePolicy& architecture) {
    std::vector<Range> ranges;
    for (const auto& [number, policy] : starts_of(architecture)) {
        const SeccompReturn fallback = otherwise_at(architecture, number);
        if (policy == nullptr) {
            add_range(ranges, {number, fallback});
        } else if (policy->always) {
            add_range(ranges, {number, *policy->always});
        } else {
            add_range(ranges, {number, fallback, policy});
        }
    }
    return ranges;
}

}  // namespace

SeccompProgram assemble_seccomp(const std::vector<ArchitecturePolicy>& architectures,
                                SeccompReturn unknown_architecture) {
    SeccompProgram program{load(offsetof(seccomp_data, arch))};
    for (const ArchitecturePolicy& architecture : architectures) {
        const SeccompProgram body = search(ranges_of(architecture));
        program.push_back(branch(BPF_JEQ, architecture.audit_architecture, 1, 0));
        program.push_back(statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(body.size() + 1)));
        program.push_back(load(offsetof(seccomp_data, nr)));
        append(program, body);
    }
    program.push_back(finish(unknown_architecture));
    return program;
}

}  // namespace kos::oci
