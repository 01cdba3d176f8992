/* SPDX-FileCopyrightText: 2026 The kos authors */
/* SPDX-License-Identifier: BSD-2-Clause */

/* server PORT VISITORS: answers a line of each visitor in capitals, and ends after so many. */
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    if (bind(listener, (struct sockaddr*)&own, sizeof own) != 0 || listen(listener, 8) != 0) {
        perror("listen");
        return 1;
    }
    printf("server: listening on port %s\n", argv[1]);
    fflush(stdout);
    for (int visitors = atoi(argv[2]); visitors > 0; --visitors) {
        int visitor = accept(listener, NULL, NULL);
        char line[80];
        size_t size = 0;
        while (size < sizeof line && (size == 0 || line[size - 1] != '\n')) {
            if (recv(visitor, line + size, 1, 0) != 1) return 1;
            ++size;
        }
        printf("server: got %.*s", (int)size, line);
        fflush(stdout);
        for (size_t i = 0; i < size; ++i) line[i] = (char)toupper((unsigned char)line[i]);
        if (send(visitor, line, size, 0) != (ssize_t)size) return 1;
        close(visitor);
    }
    return 0;
}
