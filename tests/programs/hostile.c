/* SPDX-FileCopyrightText: 2026 The kos authors
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Knows kos and goes around libos: it executes the `svc` of libos's own text with what it likes in
 * the registers. Each start does another thing, so that one run does them all (kos run --restart).
 *
 *   hostile raw      asks the root server for executable memory with `svc` in it, and runs that
 *   hostile calls    the same system calls from libos's text, on a slot that holds nothing
 *
 * With 41 starts x7 is everything from -20 to 20. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* lib/native: address_space.hpp, process_info.hpp, manager.hpp */
static const uintptr_t libos_base = 0x7000000000, process_info = 0x7010000000;
enum { start_number_offset = 0xb8, request_protect = 5, manager_slot = 8, page = 4096 };

static const uint32_t svc = 0xd4000001, ret = 0xd65f03c0;

/* `svc #0` followed by three `stp` to [x8], and `ret`. */
static uintptr_t find_system_call(void) {
    const uint32_t* word = (const uint32_t*)libos_base;
    for (; word < (const uint32_t*)(libos_base + 0x10000); ++word) {
        if (word[0] == svc && word[1] == 0xa9000901 && word[4] == ret) return (uintptr_t)word;
    }
    puts("libos has no such system call");
    exit(99);
}

/* What the kernel answers in x0 and x1 (the tag). */
static uint64_t seL4_call(int64_t number, uint64_t target, uint64_t tag, const uint64_t words[4]) {
    static uint64_t answer[6];
    register uint64_t x0 __asm__("x0") = target;
    register uint64_t x1 __asm__("x1") = tag;
    register uint64_t x2 __asm__("x2") = words[0];
    register uint64_t x3 __asm__("x3") = words[1];
    register uint64_t x4 __asm__("x4") = words[2];
    register uint64_t x5 __asm__("x5") = words[3];
    register uint64_t x6 __asm__("x6") = 0;
    register int64_t x7 __asm__("x7") = number;
    register uint64_t* x8 __asm__("x8") = answer;
    register uintptr_t x9 __asm__("x9") = find_system_call();
    __asm__ volatile("blr x9"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5)
                     : "r"(x6), "r"(x7), "r"(x8), "r"(x9)
                     : "x30", "memory");
    return answer[0] >> 12;
}

static void say(const char* text, long number) {
    printf("%s %ld\n", text, number);
    fflush(stdout);
}

/* None of it may be there once it can be run. */
static int raw(int x7) {
    uint32_t* code = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const uint32_t move_x7 = x7 < 0 ? 0x92800007u | (uint32_t)~x7 << 5 /* mov x7, #x7 */
                                    : 0xd2800007u | (uint32_t)x7 << 5;
    const uint32_t words[] = {move_x7, svc | (uint32_t)(x7 + 20) << 5, ret};
    memcpy(code, words, sizeof words);
    __builtin___clear_cache((char*)code, (char*)(code + 3));
    const uint64_t operands[4] = {(uintptr_t)code, page, PROT_READ | PROT_EXEC, 0};
    const uint64_t error =
        seL4_call(-1, manager_slot, (uint64_t)request_protect << 12 | 3, operands);
    if (error != 0) return 98;
    printf("x7 = %d: svc words that became executable: %d\n", x7, code[1] == words[1]);
    fflush(stdout);
    ((void (*)(void))(void*)code)();
    say("it went on", x7);
    return 1;
}

/* A slot with nothing in it: whatever is asked there ends in a fault or an error. */
static int call(int64_t number) {
    const uint64_t words[4] = {0x41, 0, 0, 0};
    say("x7 =", number);
    seL4_call(number, 63, 0, words);
    say("it went on", number);
    return 1;
}

int main(int argc, char** argv) {
    const char* way = argc > 1 ? argv[1] : "";
    const long start = *(const long*)(process_info + start_number_offset);
    const int x7 = (int)start - 20;
    if (strcmp(way, "raw") == 0) return raw(x7);
    if (strcmp(way, "calls") == 0) return call(x7);
    fprintf(stderr, "usage: hostile raw|calls\n");
    return 2;
}
