// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// BPF programs (bpf(2)): instructions, maps, loading. No library and no compiler: ours are short.
#pragma once

#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstdint>
#include <linux/bpf.h>
#include <vector>

namespace kos::init::bpf {

using Code = std::vector<bpf_insn>;

/// \p size: BPF_W, BPF_DW.
[[nodiscard]] bpf_insn load(std::uint8_t to, std::uint8_t base, std::size_t offset,
                            std::uint8_t size = BPF_W);
[[nodiscard]] bpf_insn copy(std::uint8_t to, std::uint8_t from);
[[nodiscard]] bpf_insn set(std::uint8_t to, std::int32_t value);
[[nodiscard]] bpf_insn add(std::uint8_t to, std::int32_t value);
[[nodiscard]] bpf_insn store(std::uint8_t base, std::int16_t offset, std::uint8_t from,
                             std::uint8_t size = BPF_W);
/// On the low 32 bits; \p skip instructions are left out where it holds.
[[nodiscard]] bpf_insn jump_if_equal(std::uint8_t value, std::uint32_t to, std::int16_t skip);
[[nodiscard]] bpf_insn jump_if_other(std::uint8_t value, std::uint32_t to, std::int16_t skip);
/// On all 64 bits: what the kernel wants to see of a pointer that may be none.
[[nodiscard]] bpf_insn jump_if_not_null(std::uint8_t pointer, std::int16_t skip);
[[nodiscard]] bpf_insn jump(std::int16_t skip);
[[nodiscard]] bpf_insn call(bpf_func_id function);
[[nodiscard]] bpf_insn leave();
/// Two instructions.
void append_map(Code& code, std::uint8_t to, sys::Fd map);

[[nodiscard]] sys::Result<sys::UniqueFd> make_map(bpf_map_type type, std::uint32_t key_size,
                                                  std::uint32_t value_size, std::uint32_t entries);
[[nodiscard]] sys::Result<void> put(sys::Fd map, std::uint32_t key, std::uint64_t value);
[[nodiscard]] sys::Result<sys::UniqueFd> load_program(bpf_prog_type type, bpf_attach_type where,
                                                      const Code& code);
/// In force as long as the result is open.
[[nodiscard]] sys::Result<sys::UniqueFd> link(sys::Fd program, sys::Fd target,
                                              bpf_attach_type where);

}  // namespace kos::init::bpf
