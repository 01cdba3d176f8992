/* SPDX-FileCopyrightText: 2026 The kos authors
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Looks for bytes that are not zero in memory that it is given, and leaves none of it zero. Started
 * again in the same memory, it would find what the last one left. Fails, or it would not be started
 * again, unless its last argument is "once". */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { heap = 6 << 20, part = 3 << 20, data = 128 << 10, stack = 512 << 10, pattern = 0xa5 };

static unsigned char bss[data];

static size_t not_zero(const volatile unsigned char* bytes, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i < size; ++i) count += bytes[i] != 0;
    return count;
}

static unsigned char* map(size_t size) {
    void* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* Nothing has been on the stack so far down. */
static __attribute__((noinline)) void check_stack(void) {
    volatile unsigned char frame[stack];
    printf("stack: %zu of %d bytes not zero\n", not_zero(frame, stack / 2), stack / 2);
    for (size_t i = 0; i < stack; ++i) frame[i] = pattern;
}

int main(int argc, char** argv) {
    printf("data: %zu of %d bytes not zero\n", not_zero(bss, data), data);
    memset(bss, pattern, data);
    check_stack();
    for (int turn = 0; turn < 2; ++turn) {
        unsigned char* memory = map(heap);
        if (memory == NULL) return 99;
        printf("heap: %zu of %d bytes not zero\n", not_zero(memory, heap), heap);
        memset(memory, pattern, heap);
        if (munmap(memory + part, heap - part) != 0) return 98;
        unsigned char* again = map(part);
        if (again == NULL) return 97;
        printf("given back and taken again: %zu of %d bytes not zero\n", not_zero(again, part),
               part);
        memset(again, pattern, part);
        if (turn == 0 && (munmap(memory, part) != 0 || munmap(again, part) != 0)) return 96;
    }
    return argc > 1 && strcmp(argv[argc - 1], "once") == 0 ? 0 : 1;
}
