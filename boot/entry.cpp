// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Entry of the boot shim: the arm64 Image header, and the way to a C++ function with a stack.
// Runs at EL2 with the MMU off wherever the loader put it; x0 is the device tree's address.
// It relocates itself. Secondary cores that arrive here are parked.
#include "boot/table.hpp"

// The header's fields, in the order of ImageHead; `kos image` fills in all but code, flags and
// magic. The boot table lies on the page behind the shim.
asm(R"(
    .section .head, "ax"
    .global _start
_start:
    b       begin
    .word   0
    .quad   0                   // text_offset
    .quad   0                   // image_size
    .quad   0xa                 // little-endian, 4 KiB pages, anywhere in memory
    .quad   0                   // boot_table
    .quad   0                   // uart_address
    .word   0                   // uart_kind
    .word   0                   // crc
    .ascii  "ARM\x64"
    .word   0

begin:
    mrs     x20, cntpct_el0     // reset ends here, as far as the waterfall knows
    mrs     x21, cntvct_el0
    mrs     x1, mpidr_el1
    and     x1, x1, #0xffffff   // affinity 2, 1, 0
    cbnz    x1, park
    adrp    x1, shim_stack_top
    add     x1, x1, :lo12:shim_stack_top
    mov     sp, x1
    adrp    x2, shim_bss_start  // the loader may not have zeroed it
    add     x2, x2, :lo12:shim_bss_start
    adrp    x3, shim_bss_end
    add     x3, x3, :lo12:shim_bss_end
1:  cmp     x2, x3
    b.hs    2f
    str     xzr, [x2], #8
    b       1b
2:  adrp    x1, _start
    add     x1, x1, :lo12:_start
    adrp    x2, shim_relocations_start
    add     x2, x2, :lo12:shim_relocations_start
    adrp    x3, shim_relocations_end
    add     x3, x3, :lo12:shim_relocations_end
3:  cmp     x2, x3              // R_AARCH64_RELATIVE alone: *(base + offset) = base + addend
    b.hs    4f
    ldp     x4, x5, [x2], #16
    ldr     x6, [x2], #8
    add     x6, x6, x1
    str     x6, [x1, x4]
    b       3b
4:
    adrp    x2, shim_end
    add     x2, x2, :lo12:shim_end
    add     x2, x2, #0xfff
    and     x2, x2, #~0xfff
    mrs     x3, CurrentEL
    lsr     x3, x3, #2
    mov     x4, #(3 << 20)
    cmp     x3, #2
    b.lo    5f
    b.hi    6f
    mov     x4, #0x33ff         // TFP clear: vector registers do not trap
    msr     cptr_el2, x4
    adrp    x4, vectors
    add     x4, x4, :lo12:vectors
    msr     vbar_el2, x4
    b       7f
5:  msr     cpacr_el1, x4       // FPEN, so that EL1 can be complained of
    b       7f
6:  msr     cptr_el3, xzr       // likewise EL3
7:  isb
    mov     x4, x20
    mov     x5, x21
    bl      shim_main           // (device tree, flat image, boot table, exception level, counters)
park:
    wfe
    b       park

    // Any exception: Arm ARM D1.10.2. One of them is one too many, so the stack starts anew.
    .balign 2048
vectors:
    .rept   16
    b       exception
    .balign 128
    .endr
exception:
    adrp    x0, shim_stack_top
    add     x0, x0, :lo12:shim_stack_top
    mov     sp, x0
    mrs     x0, esr_el2
    mrs     x1, elr_el2
    mrs     x2, far_el2
    bl      shim_exception      // (syndrome, address of the instruction, address of the access)
    b       park

    // enter_kernel(x0..x5 as the kernel takes them, x6 its entry): seL4's boot contract.
    .text
    .global enter_kernel
enter_kernel:
    br      x6
)");
