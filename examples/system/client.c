/* SPDX-FileCopyrightText: 2026 The kos authors */
/* SPDX-License-Identifier: BSD-2-Clause */

/* client HOST PORT: says a line, as soon as somebody listens, and prints the answer. */
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int connect_once(const struct addrinfo* to) {
    int fd = socket(to->ai_family, SOCK_STREAM, 0);
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0) return fd;
    close(fd);
    return -1;
}

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo* server;
    if (getaddrinfo(argv[1], argv[2], &hints, &server) != 0) {
        fprintf(stderr, "client: there is no %s\n", argv[1]);
        return 1;
    }
    int fd;
    while ((fd = connect_once(server)) < 0)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    static const char line[] = "hello from a native app\n";
    char answer[80];
    if (send(fd, line, sizeof line - 1, 0) < 0) return 1;
    const ssize_t size = recv(fd, answer, sizeof answer, MSG_WAITALL);
    if (size <= 0) return 1;
    printf("client: %.*s", (int)size, answer);
    return 0;
}
