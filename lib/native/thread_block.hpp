// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The contract between a native app's rewritten text, libos and the root server: the block that
// TPIDRRO_EL0 points to, one per thread.
//
//   app text        stub (loader/rewrite)             libos
//   b stub   ─────► msr tpidr_el0, x0
//                   mrs x0, tpidrro_el0
//                   str x30, [x0, #x30]
//                   bl  common ───► str x1, [x0, #x1]
//                                   ldr x1, [x0, #entry]
//                                   br  x1       ─────► save registers, take x0 out of TPIDR_EL0,
//                                                       put the thread pointer back, serve the call
//                   ldr x30, [x0, #x30]       ◄──────── restore all but x0 and x30; x0 = block; ret
//                   ldr x0, [x0, #result]
//   site + 4 ◄───── b   site + 4
//
// There is no free register at a system call and nothing may be stored below SP (Go keeps live data
// there), so the stub parks x0 in TPIDR_EL0. The app's own thread pointer survives because its
// writes to TPIDR_EL0 (`msr tpidr_el0, xN`) are rewritten too and leave a copy in thread_pointer.
//
// Where the instruction before names a call whose answer never changes, the stub has it from the
// block, and x8 to work with:
//
//   b stub   ─────► sub x8, x8, #number; cbnz x8 ──► (another number: add it again, and as above)
//                   mrs x8, tpidrro_el0
//                   ldr x0, [x8, #known]
//                   mov x8, #number
//   site + 4 ◄───── b   site + 4
//
// libos fills the blocks: its own first, which is zero when it starts, then those of the threads
// that it starts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kos::native {

/// System calls whose answer never changes in a thread: getpid, getppid, getuid, geteuid, getgid,
/// getegid and gettid, which follow each other.
inline constexpr unsigned first_known_call = 172, known_calls = 7;

struct ThreadBlock {
    std::uint64_t self;                // 0x00: this block's address
    std::uint64_t entry;               // 0x08: where stubs enter libos
    std::uint64_t x1;                  // 0x10: of the app, saved by the stub
    std::uint64_t x30;                 // 0x18: of the app, saved by the stub
    std::uint64_t result;              // 0x20: x0 as the app gets it back
    std::uint64_t thread_pointer;      // 0x28: the app's TPIDR_EL0
    std::uint64_t stack_top;           // 0x30: of the stack that libos runs on
    std::uint64_t ipc_buffer;          // 0x38: address of the thread's IPC buffer
    std::uint64_t index;               // 0x40: number of the thread, 0 the first
    std::uint64_t notification;        // 0x48: CPtr that the thread sleeps on
    std::uint64_t reserved[6];         // 0x50
    std::uint64_t saved_x[31];         // 0x80: x0–x30 of the app during a call
    std::uint64_t saved_sp;            // 0x178
    std::uint64_t saved_nzcv;          // 0x180
    std::uint64_t return_address;      // 0x188: in the stub
    std::uint64_t known[known_calls];  // 0x190: the answers
};

namespace thread_block_offset {  // as immediates of the stubs' instructions
inline constexpr unsigned entry = 0x08, x1 = 0x10, x30 = 0x18, result = 0x20, thread_pointer = 0x28,
                          known = 0x190;
}
static_assert(offsetof(ThreadBlock, entry) == thread_block_offset::entry);
static_assert(offsetof(ThreadBlock, x1) == thread_block_offset::x1);
static_assert(offsetof(ThreadBlock, x30) == thread_block_offset::x30);
static_assert(offsetof(ThreadBlock, result) == thread_block_offset::result);
static_assert(offsetof(ThreadBlock, thread_pointer) == thread_block_offset::thread_pointer);
static_assert(offsetof(ThreadBlock, known) == thread_block_offset::known);
static_assert(offsetof(ThreadBlock, saved_x) == 0x80 &&
              offsetof(ThreadBlock, return_address) == 0x188);

}  // namespace kos::native
