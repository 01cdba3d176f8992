// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/sel4/clean.hpp"

namespace kos::vmm {

#ifdef __aarch64__

void clean_to_memory(Bytes bytes) {
    std::uint64_t type;
    asm("mrs %0, ctr_el0" : "=r"(type));
    // CTR_EL0.DminLine: log2 of the words of the shortest line.
    const std::uint64_t line = std::uint64_t{4} << (type >> 16 & 0xf);
    const auto start = reinterpret_cast<std::uint64_t>(bytes.data());
    for (std::uint64_t at = align_down(start, line); at < start + bytes.size(); at += line) {
        asm volatile("dc cvac, %0" ::"r"(at) : "memory");
    }
    asm volatile("dsb sy" ::: "memory");
}

#else

void clean_to_memory(Bytes /*bytes*/) {}

#endif

}  // namespace kos::vmm
