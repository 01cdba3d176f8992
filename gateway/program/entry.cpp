// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where the root server starts a gateway: on a stack that is too small for it.
asm(R"(
    .section .text.start, "ax"
    .global _start
_start:
    adrp    x1, gateway_stack_end
    add     x1, x1, :lo12:gateway_stack_end
    mov     sp, x1
    mov     x29, xzr
    mov     x30, xzr
    b       gateway_main
)");
