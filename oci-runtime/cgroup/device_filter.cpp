// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/cgroup/device_filter.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/syscall.h>
#include <unistd.h>

namespace kos::oci {

namespace {

// Registers: r1 the context, r2 type, r3 access, r4 major, r5 minor, r0 the verdict.
constexpr std::uint8_t context = BPF_REG_1;
constexpr std::uint8_t type = BPF_REG_2;
constexpr std::uint8_t access = BPF_REG_3;
constexpr std::uint8_t major_number = BPF_REG_4;
constexpr std::uint8_t minor_number = BPF_REG_5;
constexpr std::uint8_t scratch = BPF_REG_6;

bpf_insn instruction(unsigned code, std::uint8_t destination, std::uint8_t source, int offset,
                     std::int32_t immediate) {
    bpf_insn made{};
    made.code = static_cast<std::uint8_t>(code);
    made.dst_reg = destination & 0xf;
    made.src_reg = source & 0xf;
    made.off = static_cast<std::int16_t>(offset);
    made.imm = immediate;
    return made;
}

bpf_insn load_field(std::uint8_t to, std::size_t offset) {
    return instruction(BPF_LDX | BPF_MEM | BPF_W, to, context, static_cast<int>(offset), 0);
}
bpf_insn move(std::uint8_t to, std::int32_t value) {
    return instruction(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value);
}
bpf_insn copy(std::uint8_t to, std::uint8_t from) {
    return instruction(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}
/// Skips to the end of the rule; the distance is filled in later.
bpf_insn unless_equal(std::uint8_t value, std::int32_t expected) {
    return instruction(BPF_JMP | BPF_JNE | BPF_K, value, 0, 0, expected);
}

std::int32_t access_mask(const std::string& text) {
    std::int32_t mask = 0;
    for (const char c : text) {
        if (c == 'm') mask |= BPF_DEVCG_ACC_MKNOD;
        if (c == 'r') mask |= BPF_DEVCG_ACC_READ;
        if (c == 'w') mask |= BPF_DEVCG_ACC_WRITE;
    }
    return mask;
}

constexpr std::int32_t every_access =
    BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;

std::vector<bpf_insn> match(const DeviceRule& rule) {
    std::vector<bpf_insn> code;
    if (rule.type != 'a') {
        code.push_back(
            unless_equal(type, rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR));
    }
    if (const std::int32_t mask = access_mask(rule.access); mask != every_access) {
        // Allowed are accesses that lie within the rule's, refused those that share one with it.
        code.push_back(copy(scratch, access));
        const std::int32_t against = rule.allow ? ~mask & every_access : mask;
        code.push_back(instruction(BPF_ALU64 | BPF_AND | BPF_K, scratch, 0, 0, against));
        code.push_back(rule.allow ? unless_equal(scratch, 0)
                                  : instruction(BPF_JMP | BPF_JEQ | BPF_K, scratch, 0, 0, 0));
    }
    if (rule.major >= 0) {
        code.push_back(unless_equal(major_number, static_cast<std::int32_t>(rule.major)));
    }
    if (rule.minor >= 0) {
        code.push_back(unless_equal(minor_number, static_cast<std::int32_t>(rule.minor)));
    }
    return code;
}

void append_rule(std::vector<bpf_insn>& program, const DeviceRule& rule) {
    std::vector<bpf_insn> code = match(rule);
    code.push_back(move(BPF_REG_0, rule.allow ? 1 : 0));
    code.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
    for (std::size_t i = 0; i + 2 < code.size(); ++i) {
        const bool jump = BPF_CLASS(code[i].code) == BPF_JMP;
        if (jump) code[i].off = static_cast<std::int16_t>(code.size() - i - 1);
    }
    program.insert(program.end(), code.begin(), code.end());
}

bool is_general(const DeviceRule& rule) {
    return rule.type == 'a' && rule.major < 0 && rule.minor < 0 &&
           access_mask(rule.access) == every_access;
}

long bpf(bpf_cmd command, bpf_attr& attributes) {
    return ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

/// The programs attached to the cgroup, to be replaced by the new one.
std::vector<std::uint32_t> attached_programs(sys::Fd cgroup) {
    std::array<std::uint32_t, 64> ids{};
    bpf_attr query{};
    query.query.target_fd = static_cast<std::uint32_t>(cgroup);
    query.query.attach_type = BPF_CGROUP_DEVICE;
    query.query.prog_ids = reinterpret_cast<std::uintptr_t>(ids.data());
    query.query.prog_cnt = ids.size();
    if (bpf(BPF_PROG_QUERY, query) != 0) return {};
    return {ids.begin(), ids.begin() + query.query.prog_cnt};
}

void detach(sys::Fd cgroup, std::uint32_t id) {
    bpf_attr open{};
    open.prog_id = id;
    const sys::UniqueFd program{static_cast<int>(bpf(BPF_PROG_GET_FD_BY_ID, open))};
    bpf_attr request{};
    request.target_fd = static_cast<std::uint32_t>(cgroup);
    request.attach_bpf_fd = static_cast<std::uint32_t>(program.get());
    request.attach_type = BPF_CGROUP_DEVICE;
    bpf(BPF_PROG_DETACH, request);
}

}  // namespace

std::vector<bpf_insn> assemble_device_filter(const std::vector<DeviceRule>& rules) {
    // access_type: the type in the low 16 bits, the access in the high ones.
    std::vector<bpf_insn> program{
        load_field(type, offsetof(bpf_cgroup_dev_ctx, access_type)),
        copy(access, type),
        instruction(BPF_ALU64 | BPF_AND | BPF_K, type, 0, 0, 0xffff),
        instruction(BPF_ALU64 | BPF_RSH | BPF_K, access, 0, 0, 16),
        load_field(major_number, offsetof(bpf_cgroup_dev_ctx, major)),
        load_field(minor_number, offsetof(bpf_cgroup_dev_ctx, minor)),
    };
    // Later rules win: test them first, up to the last that decides everything.
    std::int32_t verdict = 1;
    for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
        if (is_general(*rule)) {
            verdict = rule->allow ? 1 : 0;
            break;
        }
        append_rule(program, *rule);
    }
    program.push_back(move(BPF_REG_0, verdict));
    program.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
    return program;
}

Result<void> attach_device_filter(sys::Fd cgroup, const std::vector<DeviceRule>& rules) {
    constexpr const char* where = "/linux/resources/devices";
    const std::vector<bpf_insn> program = assemble_device_filter(rules);
    bpf_attr load{};
    load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    load.insns = reinterpret_cast<std::uintptr_t>(program.data());
    load.insn_cnt = static_cast<std::uint32_t>(program.size());
    load.license = reinterpret_cast<std::uintptr_t>("BSD");
    const sys::UniqueFd loaded{static_cast<int>(
        KOS_TRY(explain(sys::check(bpf(BPF_PROG_LOAD, load)), where, "loading the filter")))};
    const std::vector<std::uint32_t> previous = attached_programs(cgroup);
    bpf_attr attach{};
    attach.target_fd = static_cast<std::uint32_t>(cgroup);
    attach.attach_bpf_fd = static_cast<std::uint32_t>(loaded.get());
    attach.attach_type = BPF_CGROUP_DEVICE;
    attach.attach_flags = BPF_F_ALLOW_MULTI;
    KOS_TRY(explain(sys::done(bpf(BPF_PROG_ATTACH, attach)), where, "attaching the filter"));
    // Both were in force for a moment: never less than asked for.
    for (const std::uint32_t id : previous) detach(cgroup, id);
    return {};
}

}  // namespace kos::oci
