// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A program with system calls, thread-local storage, relocated data and .bss.
#include <stdio.h>

static __thread int calls = 3;
static const char* const words[] = {"hello", "world"};
static char buffer[10000];

int main(int argc, char** argv) {
    (void)argv;
    calls += argc;
    return snprintf(buffer, sizeof(buffer), "%s %d", words[argc & 1], calls) + puts(buffer);
}
