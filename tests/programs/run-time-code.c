/* SPDX-FileCopyrightText: 2026 The kos authors
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Writes code and makes it executable, as a just-in-time compiler does: nobody could look through
 * it before. `svc` makes system calls with anything in x7, which is where seL4 looks for the number
 * of its own. The other ways die of what they run; so they are told apart from what comes back. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { page = 4096 };

static const uint32_t ret = 0xd65f03c0, svc = 0xd4000001, nop = 0xd503201f;

/* mov xREGISTER, #VALUE, for -65536 <= VALUE < 65536 */
static uint32_t move(unsigned reg, int value) {
    return value < 0 ? 0x92800000u | (uint32_t)~value << 5 | reg
                     : 0xd2800000u | (uint32_t)value << 5 | reg;
}

static uint32_t* new_page(void) {
    void* code = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED) exit(99);
    return code;
}

static void protect(uint32_t* code, int protection) {
    if (mprotect(code, page, protection) != 0) exit(98);
}

static long run(uint32_t* code) {
    long (*function)(void) = (long (*)(void))(void*)code;
    return function();
}

static void write_code(uint32_t* code, const uint32_t* words, size_t count) {
    memcpy(code, words, count * sizeof *words);
    __builtin___clear_cache((char*)code, (char*)(code + count));
}

/* Every x7 from -20 to 20, and every form of `svc`: the immediate counts for nobody. */
static void system_calls(void) {
    uint32_t* code = new_page();
    const long own = getpid();
    void* const thread = __builtin_thread_pointer();
    for (int x7 = -20; x7 <= 20; ++x7) {
        const uint32_t immediate = x7 == 0 ? 0xffff : (uint32_t)(x7 + 20);
        const uint32_t words[] = {move(8, SYS_getpid), move(7, x7), svc | immediate << 5, ret};
        protect(code, PROT_READ | PROT_WRITE);
        write_code(code, words, sizeof words / sizeof *words);
        protect(code, PROT_READ | PROT_EXEC);
        printf("x7 = %d: %s\n", x7, run(code) == own ? "own pid" : "something else");
    }
    /* Code and system calls on both sides of a page's end, and a number that is none. */
    uint32_t* pages =
        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t* across = pages + page / 4 - 3;
    const uint32_t words[] = {nop, move(8, 9999), svc, move(7, -14), svc, ret};
    write_code(across, words, sizeof words / sizeof *words);
    if (mprotect(pages, 2 * page, PROT_READ | PROT_EXEC) != 0) exit(97);
    printf("no system call: %ld\n", run(across));
    printf("thread pointer: %s\n", thread == __builtin_thread_pointer() ? "kept" : "lost");
}

/* The thread pointer may be written by such code too. */
static void thread_pointer(void) {
    uint32_t* code = new_page();
    const uint32_t words[] = {0xd53bd041, /* mrs x1, tpidr_el0 */
                              move(2, 0x1234),
                              0xd51bd042, /* msr tpidr_el0, x2 */
                              move(8, SYS_getpid),
                              svc,
                              0xd53bd040, /* mrs x0, tpidr_el0 */
                              0xd51bd041, /* msr tpidr_el0, x1 */
                              ret};
    write_code(code, words, sizeof words / sizeof *words);
    protect(code, PROT_READ | PROT_EXEC);
    printf("thread pointer across a call: %#lx\n", (unsigned long)run(code));
}

/* What was made executable cannot be written, and the other way round. */
static void never_both(void) {
    uint32_t* code = new_page();
    const uint32_t one[] = {move(0, 1), ret}, two[] = {move(0, 2), ret};
    write_code(code, one, 2);
    protect(code, PROT_READ | PROT_EXEC);
    printf("before: %ld\n", run(code));
    protect(code, PROT_READ | PROT_WRITE);
    write_code(code, two, 2);
    protect(code, PROT_READ | PROT_EXEC);
    printf("after: %ld\n", run(code));
}

static int run_word(uint32_t word) {
    uint32_t* code = new_page();
    const uint32_t words[] = {move(0, 0x18), word, ret}; /* semihosting's SYS_EXIT */
    write_code(code, words, 3);
    protect(code, PROT_READ | PROT_EXEC);
    printf("about to run %#x\n", word);
    fflush(stdout);
    return (int)run(code);
}

int main(int argc, char** argv) {
    const char* way = argc > 1 ? argv[1] : "";
    if (strcmp(way, "svc") == 0) {
        system_calls();
        thread_pointer();
        never_both();
        return 0;
    }
    if (strcmp(way, "hlt") == 0) return run_word(0xd45e0000); /* semihosting: hlt #0xf000 */
    if (strcmp(way, "hvc") == 0) return run_word(0xd4000002);
    if (strcmp(way, "smc") == 0) return run_word(0xd4000003);
    if (strcmp(way, "brk") == 0) return run_word(0xd4200000);
    if (strcmp(way, "eret") == 0) return run_word(0xd69f03e0);
    if (strcmp(way, "write") == 0) {
        uint32_t* code = new_page();
        protect(code, PROT_READ | PROT_EXEC);
        printf("about to write\n");
        fflush(stdout);
        *(volatile uint32_t*)code = ret;
        return 1;
    }
    if (strcmp(way, "data") == 0) {
        uint32_t* code = new_page();
        write_code(code, &ret, 1);
        printf("about to run what is writable\n");
        fflush(stdout);
        return (int)run(code);
    }
    fprintf(stderr, "usage: run-time-code svc|hlt|hvc|smc|brk|eret|write|data\n");
    return 2;
}
