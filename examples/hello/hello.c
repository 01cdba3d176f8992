/* SPDX-FileCopyrightText: 2026 The kos authors
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Prints everything that an image hands to its program: arguments, environment, files.
 * Exits with the status of an argument `exit=N`, 0 otherwise. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int print_file(const char* path) {
    char line[256];
    FILE* file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        printf("%s: %s", path, line);
    }
    fclose(file);
    return 0;
}

int main(int argc, char** argv) {
    int status = 0;
    for (int i = 0; i < argc; ++i) {
        printf("argv[%d]=%s\n", i, argv[i]);
        if (strncmp(argv[i], "exit=", 5) == 0) {
            status = atoi(argv[i] + 5);
        }
    }
    const char* hello = getenv("HELLO");
    printf("HELLO=%s\n", hello != NULL ? hello : "(unset)");
    return print_file("/foo.txt") != 0 || print_file("/bar.txt") != 0 ? 1 : status;
}
