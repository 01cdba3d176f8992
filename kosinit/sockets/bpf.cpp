// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/sockets/bpf.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace kos::init::bpf {

namespace {

bpf_insn instruction(int code, std::uint8_t to, std::uint8_t from, std::int16_t offset,
                     std::int32_t value) {
    bpf_insn out{};
    out.code = static_cast<std::uint8_t>(code);
    out.dst_reg = to & 0xf;
    out.src_reg = from & 0xf;
    out.off = offset;
    out.imm = value;
    return out;
}

sys::Result<sys::UniqueFd> open_by(bpf_cmd command, bpf_attr& attributes) {
    const long fd = ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
    return sys::UniqueFd{static_cast<int>(KOS_TRY(sys::check(fd)))};
}

}  // namespace

bpf_insn load(std::uint8_t to, std::uint8_t base, std::size_t offset, std::uint8_t size) {
    return instruction(BPF_LDX | BPF_MEM | size, to, base, static_cast<std::int16_t>(offset), 0);
}
bpf_insn copy(std::uint8_t to, std::uint8_t from) {
    return instruction(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}
bpf_insn set(std::uint8_t to, std::int32_t value) {
    return instruction(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value);
}
bpf_insn add(std::uint8_t to, std::int32_t value) {
    return instruction(BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, value);
}
bpf_insn store(std::uint8_t base, std::int16_t offset, std::uint8_t from, std::uint8_t size) {
    return instruction(BPF_STX | BPF_MEM | size, base, from, offset, 0);
}
bpf_insn jump_if_equal(std::uint8_t value, std::uint32_t to, std::int16_t skip) {
    return instruction(BPF_JMP32 | BPF_JEQ | BPF_K, value, 0, skip, static_cast<std::int32_t>(to));
}
bpf_insn jump_if_other(std::uint8_t value, std::uint32_t to, std::int16_t skip) {
    return instruction(BPF_JMP32 | BPF_JNE | BPF_K, value, 0, skip, static_cast<std::int32_t>(to));
}
bpf_insn jump_if_not_null(std::uint8_t pointer, std::int16_t skip) {
    return instruction(BPF_JMP | BPF_JNE | BPF_K, pointer, 0, skip, 0);
}
bpf_insn jump(std::int16_t skip) { return instruction(BPF_JMP | BPF_JA, 0, 0, skip, 0); }
bpf_insn call(bpf_func_id function) {
    return instruction(BPF_JMP | BPF_CALL, 0, 0, 0, static_cast<std::int32_t>(function));
}
bpf_insn leave() { return instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0); }

void append_map(Code& code, std::uint8_t to, sys::Fd map) {
    code.push_back(instruction(BPF_LD | BPF_IMM | BPF_DW, to, BPF_PSEUDO_MAP_FD, 0, map));
    code.push_back(instruction(0, 0, 0, 0, 0));
}

sys::Result<sys::UniqueFd> make_map(bpf_map_type type, std::uint32_t key_size,
                                    std::uint32_t value_size, std::uint32_t entries) {
    bpf_attr attributes{};
    attributes.map_type = type;
    attributes.key_size = key_size;
    attributes.value_size = value_size;
    attributes.max_entries = entries;
    return open_by(BPF_MAP_CREATE, attributes);
}

sys::Result<void> put(sys::Fd map, std::uint32_t key, std::uint64_t value) {
    bpf_attr attributes{};
    attributes.map_fd = static_cast<std::uint32_t>(map);
    attributes.key = reinterpret_cast<std::uintptr_t>(&key);
    attributes.value = reinterpret_cast<std::uintptr_t>(&value);
    return sys::done(::syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attributes, sizeof attributes));
}

sys::Result<sys::UniqueFd> load_program(bpf_prog_type type, bpf_attach_type where,
                                        const Code& code) {
    bpf_attr attributes{};
    attributes.prog_type = type;
    attributes.expected_attach_type = where;
    attributes.insns = reinterpret_cast<std::uintptr_t>(code.data());
    attributes.insn_cnt = static_cast<std::uint32_t>(code.size());
    attributes.license = reinterpret_cast<std::uintptr_t>("BSD");
    return open_by(BPF_PROG_LOAD, attributes);
}

sys::Result<sys::UniqueFd> link(sys::Fd program, sys::Fd target, bpf_attach_type where) {
    bpf_attr attributes{};
    attributes.link_create.prog_fd = static_cast<std::uint32_t>(program);
    attributes.link_create.target_fd = static_cast<std::uint32_t>(target);
    attributes.link_create.attach_type = where;
    return open_by(BPF_LINK_CREATE, attributes);
}

}  // namespace kos::init::bpf
