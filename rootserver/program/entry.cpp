// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where the kernel starts the initial thread: x0 is the address of the boot information, there is
// no stack, and .bss is what the loader left.
asm(R"(
    .section .text.start, "ax"
    .global _start
_start:
    adrp    x1, root_server_bss_start
    add     x1, x1, :lo12:root_server_bss_start
    adrp    x2, root_server_bss_end
    add     x2, x2, :lo12:root_server_bss_end
1:  cmp     x1, x2
    b.hs    2f
    stp     xzr, xzr, [x1], #16
    b       1b
2:  adrp    x1, root_server_stack_end
    add     x1, x1, :lo12:root_server_stack_end
    mov     sp, x1
    mov     x29, xzr
    mov     x30, xzr
    b       root_server_main
)");
