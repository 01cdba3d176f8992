// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The way into libos and out of it. lib/native/thread_block.hpp shows the stubs' side.
//
//   libos_start         the main thread: x0 its block, which is zero; sp the top of its libos stack
//   libos_enter         a system call: x0 the block, x1 and x30 of the app saved in it by the stub,
//                       the app's x0 in TPIDR_EL0, x30 the return address in the stub
//   libos_thread_start  another thread: x0 its block, filled by fill_block()
//   enter_program       into the app's entry point
//
// Vector registers are never touched: libos is built for general registers only. x16, x17 and the
// flags belong to the app too: a system call changes x0 and nothing else.

        .set    BLOCK_X1, 0x10
        .set    BLOCK_X30, 0x18
        .set    BLOCK_THREAD_POINTER, 0x28
        .set    BLOCK_STACK_TOP, 0x30
        .set    BLOCK_SAVED_X, 0x80
        .set    BLOCK_SAVED_SP, 0x178
        .set    BLOCK_SAVED_NZCV, 0x180
        .set    BLOCK_RETURN_ADDRESS, 0x188

        .macro  function name
        .section .text.\name, "ax"
        .global \name
        .type   \name, %function
        .balign 16
\name:
        .endm

        // x2–x17 of the app between registers and block, whose address is in x0.
        .macro  each_pair_of_callers instruction
        \instruction x2, x3, [x0, #BLOCK_SAVED_X + 2 * 8]
        \instruction x4, x5, [x0, #BLOCK_SAVED_X + 4 * 8]
        \instruction x6, x7, [x0, #BLOCK_SAVED_X + 6 * 8]
        \instruction x8, x9, [x0, #BLOCK_SAVED_X + 8 * 8]
        \instruction x10, x11, [x0, #BLOCK_SAVED_X + 10 * 8]
        \instruction x12, x13, [x0, #BLOCK_SAVED_X + 12 * 8]
        \instruction x14, x15, [x0, #BLOCK_SAVED_X + 14 * 8]
        \instruction x16, x17, [x0, #BLOCK_SAVED_X + 16 * 8]
        .endm

        // x2–x29.
        .macro  each_pair instruction
        each_pair_of_callers \instruction
        \instruction x18, x19, [x0, #BLOCK_SAVED_X + 18 * 8]
        \instruction x20, x21, [x0, #BLOCK_SAVED_X + 20 * 8]
        \instruction x22, x23, [x0, #BLOCK_SAVED_X + 22 * 8]
        \instruction x24, x25, [x0, #BLOCK_SAVED_X + 24 * 8]
        \instruction x26, x27, [x0, #BLOCK_SAVED_X + 26 * 8]
        \instruction x28, x29, [x0, #BLOCK_SAVED_X + 28 * 8]
        .endm

        // Back to the stub, with everything as the app had it but x0, the block, and x30. What each_pair
        // loads comes behind.
        .macro  back_to_app
        ldp     x4, x5, [x0, #BLOCK_SAVED_SP]
        mov     sp, x4
        msr     nzcv, x5
        ldr     x30, [x0, #BLOCK_RETURN_ADDRESS]
        ldr     x1, [x0, #BLOCK_SAVED_X + 8]
        .endm

        .protected libos_start
        function libos_start
        mov     x29, xzr
        mov     x30, xzr
        bl      libos_start_process             // does not return

        .protected libos_enter
        function libos_enter
        each_pair stp
        mrs     x1, tpidr_el0                   // the app's x0
        ldr     x2, [x0, #BLOCK_X1]
        stp     x1, x2, [x0, #BLOCK_SAVED_X]
        ldr     x3, [x0, #BLOCK_X30]
        str     x3, [x0, #BLOCK_SAVED_X + 30 * 8]
        mov     x4, sp
        mrs     x5, nzcv
        stp     x4, x5, [x0, #BLOCK_SAVED_SP]
        str     x30, [x0, #BLOCK_RETURN_ADDRESS]
        ldr     x6, [x0, #BLOCK_THREAD_POINTER]
        msr     tpidr_el0, x6
        ldr     x7, [x0, #BLOCK_STACK_TOP]
        mov     sp, x7
        mov     x29, xzr
        mov     x19, x0
        bl      libos_serve
        mov     x0, x19
        back_to_app                             // C++ has kept x20–x28 as the app had them
        each_pair_of_callers ldp
        ldp     x18, x19, [x0, #BLOCK_SAVED_X + 18 * 8]
        ldr     x29, [x0, #BLOCK_SAVED_X + 29 * 8]
        ret

        .protected libos_thread_start
        function libos_thread_start
        ldr     x6, [x0, #BLOCK_THREAD_POINTER]
        msr     tpidr_el0, x6
        back_to_app
        each_pair ldp
        ret

        // x0: entry point, x1: stack pointer. Linux starts a program with all registers zero.
        .hidden enter_program_at
        function enter_program_at
        mov     sp, x1
        mov     x16, x0
        msr     tpidr_el0, xzr
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        mov     x\n, xzr
        .endr
        br      x16

        .section .note.GNU-stack, "", %progbits
