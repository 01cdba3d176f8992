/* SPDX-FileCopyrightText: 2026 The kos authors
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Dies in the way that its argument names, after a line that must not be lost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int data[16];

static int deeper(volatile char* above) {
    volatile char frame[4096];
    frame[0] = above[0];
    return deeper(frame) + frame[0];
}

int main(int argc, char** argv) {
    const char* way = argc > 1 ? argv[1] : "";
    printf("about to crash: %s\n", way);
    fflush(stdout);
    if (strcmp(way, "null-write") == 0) {
        *(volatile int*)NULL = 1;
    } else if (strcmp(way, "text-write") == 0) {
        *(volatile int*)(void*)main = 1;
    } else if (strcmp(way, "jump-to-data") == 0) {
        ((void (*)(void))(void*)data)();
    } else if (strcmp(way, "stack-overflow") == 0) {
        volatile char top = 0;
        return deeper(&top);
    } else if (strcmp(way, "illegal-instruction") == 0) {
        __asm__ volatile("udf #0");
    } else if (strcmp(way, "abort") == 0) {
        abort();
    }
    fprintf(stderr,
            "usage: crash null-write|text-write|jump-to-data|stack-overflow|"
            "illegal-instruction|abort\n");
    return 2;
}
