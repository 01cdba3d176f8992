// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a container of tests/kosinit does that a shell cannot. Prints "ok" or why not.
//
//   probe messages PATH COUNT     COUNT connections at once; each sends messages, which come back,
//                                 then closes for writing and reads to the end
//   probe flood PATH              one connection whose other end does not read: it blocks, and all
//                                 arrives once it does
//   probe udp ADDRESS             a datagram to port 7 comes back
//   probe eat MEBIBYTES           touches memory
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int fail(const char* what) {
    printf("%s: %s\n", what, strerror(errno));
    return 1;
}

static int connect_to(const char* path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    const int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    return connect(fd, (struct sockaddr*)&address, sizeof address) == 0 ? fd : -1;
}

static int messages(const char* path, int count) {
    static char sent[4096], got[8192];
    int* fds = calloc((size_t)count, sizeof *fds);
    for (int i = 0; i < count; ++i) {
        if ((fds[i] = connect_to(path)) < 0) return fail("connect");
    }
    for (int round = 0; round < 4; ++round) {
        const size_t size = round == 3 ? sizeof sent : (size_t)round * 100 + 1;
        for (int i = 0; i < count; ++i) {
            memset(sent, i + round, size);
            if (send(fds[i], sent, size, 0) != (ssize_t)size) return fail("send");
        }
        for (int i = 0; i < count; ++i) {
            memset(sent, i + round, size);
            const ssize_t back = recv(fds[i], got, sizeof got, 0);
            if (back != (ssize_t)size || memcmp(sent, got, size) != 0) return fail("recv");
        }
    }
    for (int i = 0; i < count; ++i) shutdown(fds[i], SHUT_WR);
    for (int i = 0; i < count; ++i) {
        if (recv(fds[i], got, sizeof got, 0) != 4 || memcmp(got, "bye.", 4) != 0)
            return fail("bye");
        if (recv(fds[i], got, sizeof got, 0) != 0) return fail("end");
    }
    puts("ok");
    return 0;
}

static int flood(const char* path) {
    static char data[4096];
    const int fd = connect_to(path);
    if (fd < 0) return fail("connect");
    fcntl(fd, F_SETFL, O_NONBLOCK);
    int sent = 0;
    // Until nothing has gone for a second.
    for (int idle = 0; idle < 10;) {
        memcpy(data, &sent, sizeof sent);
        if (send(fd, data, sizeof data, 0) == sizeof data) {
            ++sent;
            idle = 0;
            continue;
        }
        if (errno != EAGAIN) return fail("send");
        const struct timespec pause = {0, 100000000};
        nanosleep(&pause, NULL);
        ++idle;
    }
    printf("blocked after %d\n", sent);
    fflush(stdout);
    fcntl(fd, F_SETFL, 0);
    for (int end = sent + 500; sent < end; ++sent) {
        memcpy(data, &sent, sizeof sent);
        if (send(fd, data, sizeof data, 0) != sizeof data) return fail("send");
    }
    shutdown(fd, SHUT_WR);
    if (recv(fd, data, sizeof data, 0) != 0) return fail("end");
    printf("ok %d\n", sent);
    return 0;
}

static int udp(const char* text) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(7)};
    inet_pton(AF_INET, text, &to.sin_addr);
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    const struct timeval patience = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char back[16];
    for (int attempt = 0; attempt < 10; ++attempt) {
        sendto(fd, "hello", 5, 0, (struct sockaddr*)&to, sizeof to);
        if (recv(fd, back, sizeof back, 0) == 5) {
            puts("ok");
            return 0;
        }
    }
    return fail("udp");
}

static int eat(long mebibytes) {
    for (long i = 0; i < mebibytes; ++i) {
        char* part = malloc(1 << 20);
        if (part == NULL) return fail("malloc");
        memset(part, 1, 1 << 20);
    }
    puts("ok");
    return 0;
}

int main(int argc, char** argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 4 && strcmp(argv[1], "messages") == 0) return messages(argv[2], atoi(argv[3]));
    if (argc == 3 && strcmp(argv[1], "flood") == 0) return flood(argv[2]);
    if (argc == 3 && strcmp(argv[1], "udp") == 0) return udp(argv[2]);
    if (argc == 3 && strcmp(argv[1], "eat") == 0) return eat(atol(argv[2]));
    return 2;
}
