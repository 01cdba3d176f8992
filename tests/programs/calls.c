// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause
//
// calls ROUNDS: so many system calls that only need an answer. bench/messages measures them.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char** argv) {
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    long sum = 0;
    for (long i = 0; i < rounds; ++i) sum += getppid();
    printf("%ld calls, sum %ld\n", rounds, sum);
    return 0;
}
