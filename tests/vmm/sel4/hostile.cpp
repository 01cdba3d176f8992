// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest without an operating system that does what no driver does: system calls of the kernel's
// by hvc, firmware calls that there are not, semihosting, accesses to every kind of place with
// every size, and jumps to nowhere. It says what came of it over the early console, and switches
// itself off.
//
// An arm64 Image, without MMU. LOWEST is the lowest system-call number that is tried: debug kernels
// have calls below −11, one of which halts the machine.
#include <cstdint>

// The header of the Image, the vectors and the way in.
asm(R"(
    .section .text.start, "ax"
    .global _start
_start:
    b       1f
    .long   0
    .quad   0
    .quad   image_end - _start
    .quad   2
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0
1:  adr     x1, stack_end
    mov     sp, x1
    adr     x1, vectors
    msr     vbar_el1, x1
    mov     x1, #(3 << 20)
    msr     cpacr_el1, x1
    isb
    b       hostile_main

    .balign 2048
vectors:
    .rept   4
    .balign 128
    b       .
    .endr
    .balign 128             // synchronous, from this level
    b       exception
    .rept   11
    .balign 128
    b       .
    .endr

// Counts, and goes on behind the instruction; a fetch that failed goes back to its caller.
exception:
    stp     x0, x1, [sp, #-16]!
    stp     x2, x3, [sp, #-16]!
    mrs     x0, esr_el1
    lsr     x0, x0, #26
    adr     x1, exceptions
    ldr     x2, [x1, x0, lsl #3]
    add     x2, x2, #1
    str     x2, [x1, x0, lsl #3]
    mrs     x2, elr_el1
    add     x2, x2, #4
    cmp     x0, #0x21
    csel    x2, x30, x2, eq
    msr     elr_el1, x2
    ldp     x2, x3, [sp], #16
    ldp     x0, x1, [sp], #16
    eret

    .bss
    .balign 16
    .global exceptions
exceptions:
    .skip   64 * 8
    .skip   8192
stack_end:
    .text
)");

extern "C" volatile std::uint64_t exceptions[64];  // by class

namespace {

constexpr std::uint64_t console = 0x0900'0000;
constexpr unsigned undefined = 0x00, fetch_abort = 0x21, data_abort = 0x25;

void put(char byte) {
    *reinterpret_cast<volatile std::uint32_t*>(console) = static_cast<unsigned>(byte);
}

void print(const char* text) {
    for (; *text != '\0'; ++text) put(*text);
}

void print(const char* text, std::uint64_t number) {
    print(text);
    char digits[20];
    unsigned count = 0;
    do {
        digits[count++] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (count != 0) put(digits[--count]);
    put('\n');
}

std::uint64_t firmware(std::uint64_t function, std::uint64_t argument = 0) {
    register std::uint64_t x0 asm("x0") = function;
    register std::uint64_t x1 asm("x1") = argument;
    register std::uint64_t x2 asm("x2") = ~std::uint64_t{0};
    register std::uint64_t x3 asm("x3") = ~std::uint64_t{0};
    asm volatile("smc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
}

void system_call(std::int64_t number, std::uint64_t capability) {
    register std::uint64_t x0 asm("x0") = capability;
    register std::uint64_t x1 asm("x1") = 1 << 12 | 2;
    register std::uint64_t x2 asm("x2") = 0;
    register std::uint64_t x3 asm("x3") = 0;
    register std::uint64_t x4 asm("x4") = 0;
    register std::uint64_t x5 asm("x5") = 0;
    register std::uint64_t x6 asm("x6") = capability;
    register std::int64_t x7 asm("x7") = number;
    asm volatile("hvc #0"
                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
                 :
                 : "memory");
}

template <class T>
void touch(std::uint64_t address) {
    auto* place = reinterpret_cast<volatile T*>(address);
    const T value = *place;
    *place = value;
}

void touch_all(std::uint64_t address) {
    touch<std::uint8_t>(address);
    touch<std::uint16_t>(address);
    touch<std::uint32_t>(address);
    touch<std::uint64_t>(address);
    touch<std::int8_t>(address);
    touch<std::int16_t>(address);
    std::uint64_t low = 0, high = 0;
    asm volatile("ldp %0, %1, [%2]" : "=&r"(low), "=&r"(high) : "r"(address) : "memory");
    asm volatile("stp %0, %1, [%2]" ::"r"(low), "r"(high), "r"(address) : "memory");
    asm volatile("ldr %w0, [%1], #4" : "=&r"(low), "+r"(address) : : "memory");
    asm volatile("dc civac, %0" ::"r"(address) : "memory");
}

void call_kernel() {
    std::uint64_t calls = 0;
    for (std::int64_t number = LOWEST; number <= 20; ++number) {
        for (std::uint64_t capability = 0; capability < 32; ++capability, ++calls) {
            system_call(number, capability);
        }
        system_call(number, ~std::uint64_t{0});
        ++calls;
    }
    print("hvc: ", calls);
    print("undefined: ", exceptions[undefined]);
}

void call_firmware() {
    std::uint64_t refused = 0;
    static constexpr std::uint64_t function_list[] = {
        0x0ul,         0x1ul,         0x8400'0005ul, 0x8400'000bul, 0x8400'0020ul, 0xc400'0008ul,
        0xc200'0000ul, 0xbf00'0000ul, 0x8000'0001ul, 0x8600'0000ul, ~0ul};
    for (const std::uint64_t function : function_list) {
        refused += firmware(function) == ~std::uint64_t{0} ? 1 : 0;
    }
    print("firmware refused: ", refused);
}

/// Where nothing is, below, between and above the devices and memory, and the kernel's own places.
void reach_out() {
    const std::uint64_t before = exceptions[data_abort];
    static constexpr std::uint64_t address_list[] = {
        0x0ul,         0x1000ul,        0x07ff'f000ul,   0x0803'0000ul, 0x0804'0000ul,
        0x0900'1000ul, 0x0a10'0000ul,   0x1000'0000ul,   0x3fff'f000ul, 0x6000'0000ul,
        0x8000'0000ul, 0x1'0000'0000ul, 0x7f'ffff'f000ul};
    for (const std::uint64_t address : address_list) {
        for (std::uint64_t offset = 0; offset < 8; ++offset) touch_all(address + offset);
    }
    print("aborts: ", exceptions[data_abort] - before);
    const std::uint64_t fetches = exceptions[fetch_abort];
    static constexpr std::uint64_t target_list[] = {0x0ul, 0x0a00'0000ul, 0x1000'0000ul,
                                                    0x8000'0000ul};
    for (const std::uint64_t address : target_list) {
        reinterpret_cast<void (*)()>(address)();
    }
    print("fetches: ", exceptions[fetch_abort] - fetches);
}

/// Devices' registers, with sizes and places that they do not have.
void tease_devices() {
    const std::uint64_t before = exceptions[data_abort];
    static constexpr std::uint64_t page_list[] = {0x0800'0000ul, 0x0a00'0000ul, 0x0a00'1000ul};
    for (const std::uint64_t page : page_list) {
        for (std::uint64_t offset = 0; offset < 0x1000;
             offset += page == 0x0800'0000ul ? 0x3c : 0x0c) {
            touch_all(page + offset + offset % 7);
        }
        touch_all(page + 0xff9);
    }
    print("device aborts: ", exceptions[data_abort] - before);
}

}  // namespace

/// Memory that this image does not use, and what it leaves there for the next guest to find.
constexpr std::uint64_t left_start = 0x4020'0000, left_end = 0x40f0'0000;
constexpr std::uint64_t secret = 0x7365'6372'6574'2121;

void look_for_secrets() {
    std::uint64_t found = 0;
    for (std::uint64_t address = left_start; address < left_end; address += 256) {
        auto& word = *reinterpret_cast<volatile std::uint64_t*>(address);
        found += word == secret ? 1 : 0;
        word = secret;
    }
    print("secrets: ", found);
}

extern "C" [[noreturn]] void hostile_main() {
    print("hostile guest\n");
    look_for_secrets();
    call_kernel();
    call_firmware();
    asm volatile("hlt #0xf000" ::: "memory");
    print("semihosting is undefined: ", exceptions[undefined] != 0 ? 1 : 0);
    reach_out();
    tease_devices();
    print("done\n");
    for (;;) firmware(0x8400'0009);  // SYSTEM_RESET
}
