// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where the root server starts a program: on a stack that is too small for it.
asm(R"(
    .section .text.start, "ax"
    .global _start
_start:
    adrp    x1, program_stack_end
    add     x1, x1, :lo12:program_stack_end
    mov     sp, x1
    mov     x29, xzr
    mov     x30, xzr
    b       program_main
)");
