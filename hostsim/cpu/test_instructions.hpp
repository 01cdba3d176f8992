// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Instructions as words, assembled once by hand: tests of a core need no cross compiler.
#pragma once

#include <cstdint>

namespace kos::sim::testing::instruction {

inline constexpr std::uint32_t svc = 0xd400'0001;                // svc #0
inline constexpr std::uint32_t brk_7 = 0xd420'00e0;              // brk #7
inline constexpr std::uint32_t hvc = 0xd400'0002;                // hvc #0
inline constexpr std::uint32_t smc = 0xd400'0003;                // smc #0
inline constexpr std::uint32_t udf = 0x0000'0000;                // udf #0
inline constexpr std::uint32_t branch_to_itself = 0x1400'0000;   // b .
inline constexpr std::uint32_t branch_to_next = 0x1400'0001;     // b .+4
inline constexpr std::uint32_t branch_x1 = 0xd61f'0020;          // br x1
inline constexpr std::uint32_t address_of_itself = 0x1000'0001;  // adr x1, .
inline constexpr std::uint32_t move_x0_42 = 0xd280'0540;         // mov x0, #42
inline constexpr std::uint32_t increment_x2 = 0x9100'0442;       // add x2, x2, #1

inline constexpr std::uint32_t load_x0 = 0xf940'0020;              // ldr x0, [x1]
inline constexpr std::uint32_t load_w0 = 0xb940'0020;              // ldr w0, [x1]
inline constexpr std::uint32_t load_byte = 0x3940'0020;            // ldrb w0, [x1]
inline constexpr std::uint32_t store_x0 = 0xf900'0020;             // str x0, [x1]
inline constexpr std::uint32_t store_w0 = 0xb900'0020;             // str w0, [x1]
inline constexpr std::uint32_t store_x0_and_step = 0xf800'8420;    // str x0, [x1], #8
inline constexpr std::uint32_t load_pair_and_step = 0xa8c1'0c22;   // ldp x2, x3, [x1], #16
inline constexpr std::uint32_t store_pair_and_step = 0xa881'0c22;  // stp x2, x3, [x1], #16
inline constexpr std::uint32_t store_q0 = 0x3d80'0020;             // str q0, [x1]
inline constexpr std::uint32_t zero_block = 0xd50b'7421;           // dc zva, x1

inline constexpr std::uint32_t load_exclusive = 0xc85f'7c22;   // ldxr x2, [x1]
inline constexpr std::uint32_t store_exclusive = 0xc803'7c22;  // stxr w3, x2, [x1]
inline constexpr std::uint32_t retry_exclusive = 0x35ff'ffa3;  // cbnz w3, .-12

inline constexpr std::uint32_t atomic_add = 0xf820'0022;  // ldadd x0, x2, [x1]

inline constexpr std::uint32_t read_virtual_counter = 0xd53b'e040;       // mrs x0, cntvct_el0
inline constexpr std::uint32_t read_physical_counter = 0xd53b'e020;      // mrs x0, cntpct_el0
inline constexpr std::uint32_t read_frequency = 0xd53b'e000;             // mrs x0, cntfrq_el0
inline constexpr std::uint32_t read_main_id = 0xd538'0000;               // mrs x0, midr_el1
inline constexpr std::uint32_t read_thread_id = 0xd53b'd040;             // mrs x0, tpidr_el0
inline constexpr std::uint32_t write_thread_id = 0xd51b'd040;            // msr tpidr_el0, x0
inline constexpr std::uint32_t read_read_only_thread_id = 0xd53b'd060;   // mrs x0, tpidrro_el0
inline constexpr std::uint32_t write_read_only_thread_id = 0xd51b'd060;  // msr tpidrro_el0, x0

inline constexpr std::uint32_t x0_to_d0 = 0x9e67'0000;   // fmov d0, x0
inline constexpr std::uint32_t double_d0 = 0x1e60'2800;  // fadd d0, d0, d0
inline constexpr std::uint32_t d0_to_x0 = 0x9e66'0000;   // fmov x0, d0

}  // namespace kos::sim::testing::instruction
