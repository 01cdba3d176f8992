// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause
//
// calls ROUNDS [served]: so many system calls that only need an answer: getppid, whose stub knows
// it, or getpgid, which libos serves. bench/messages measures them.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char** argv) {
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    long sum = 0;
    if (argc > 2) {
        for (long i = 0; i < rounds; ++i) sum += getpgid(0);
    } else {
        for (long i = 0; i < rounds; ++i) sum += getppid();
    }
    printf("%ld calls, sum %ld\n", rounds, sum);
    return 0;
}
