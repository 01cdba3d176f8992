// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sockets of a container to services, for tests/kosinit. Each word of the command line is one
// thing to do, printed with what came of it.
//
//   refused NAME PORT        connect(2), blocking: its errno
//   eventually NAME PORT     non-blocking: its errno, then SO_ERROR
//   mapped NAME PORT         from an AF_INET6 socket, to ::ffff:a.b.c.d
//   ends NAME PORT           the names of both ends
//   echo NAME PORT MIB       sends so much, reads it back, compares
//   many NAME PORT COUNT     connections at once, a line through each
//   time NAME PORT COUNT     microseconds for a connect and close
//   plain PORT COUNT         the same to 127.0.0.1, where nobody listens
//   serve PORT COUNT         echoes COUNT connections one after another, with their peers' names
//   listen PORT              twice: the second on another socket; each errno; then closes
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_in find(const char* name, const char* port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, name, &to.sin_addr) == 1) return to;
    FILE* hosts = fopen("/etc/hosts", "r");
    char address[64], found[64];
    while (hosts != NULL && fscanf(hosts, "%63s %63s%*[^\n]", address, found) == 2) {
        if (strcmp(found, name) == 0) inet_pton(AF_INET, address, &to.sin_addr);
    }
    if (hosts != NULL) fclose(hosts);
    return to;
}

static int try(int fd, struct sockaddr_in to) {
    return connect(fd, (struct sockaddr*)&to, sizeof to) == 0 ? 0 : errno;
}

static const char* text(int error) { return error == 0 ? "ok" : strerror(error); }

static int must_connect(const char* name, const char* port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const int error = try(fd, find(name, port));
    if (error == 0) return fd;
    printf("connect: %s\n", text(error));
    exit(1);
}

static void print_end(int (*ask)(int, struct sockaddr*, socklen_t*), int fd) {
    struct sockaddr_in end = {0};
    socklen_t size = sizeof end;
    ask(fd, (struct sockaddr*)&end, &size);
    printf(" %s:%d", inet_ntoa(end.sin_addr), ntohs(end.sin_port));
}

static void eventually(const char* name, const char* port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int error = try(fd, find(name, port));
    struct pollfd entry = {fd, POLLOUT, 0};
    int later = 0;
    socklen_t size = sizeof later;
    if (error == EINPROGRESS) {
        poll(&entry, 1, 10000);
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &later, &size);
    }
    printf("eventually %s\n", text(error == EINPROGRESS ? later : error));
    close(fd);
}

static void mapped(const char* name, const char* port) {
    struct sockaddr_in to = find(name, port);
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = to.sin_port};
    memset(six.sin6_addr.s6_addr + 10, 0xff, 2);
    memcpy(six.sin6_addr.s6_addr + 12, &to.sin_addr, 4);
    const int fd = socket(AF_INET6, SOCK_STREAM, 0);
    const int error = connect(fd, (struct sockaddr*)&six, sizeof six) == 0 ? 0 : errno;
    printf("mapped %s\n", text(error));
    close(fd);
}

static void echo(const char* name, const char* port, size_t mib) {
    static unsigned char out[65536], in[65536];
    const int fd = must_connect(name, port);
    const size_t whole = mib << 20;
    // A second process writes: neither end may wait for the other.
    if (fork() == 0) {
        for (size_t at = 0; at < whole; at += sizeof out) {
            for (size_t i = 0; i < sizeof out; ++i)
                out[i] = (unsigned char)((at + i) * 2654435761u >> 13);
            for (size_t sent = 0; sent < sizeof out;) {
                const ssize_t count = send(fd, out + sent, sizeof out - sent, 0);
                if (count < 0) _exit(1);
                sent += (size_t)count;
            }
        }
        shutdown(fd, SHUT_WR);
        _exit(0);
    }
    size_t at = 0;
    for (ssize_t count; (count = recv(fd, in, sizeof in, 0)) > 0; at += (size_t)count) {
        for (ssize_t i = 0; i < count; ++i) {
            if (in[i] != (unsigned char)((at + (size_t)i) * 2654435761u >> 13)) {
                printf("echo differs at %zu\n", at + (size_t)i);
                exit(1);
            }
        }
    }
    printf("echo %s\n", at == whole ? "ok" : "short");
    close(fd);
}

static void many(const char* name, const char* port, int count) {
    int* fds = calloc((size_t)count, sizeof *fds);
    for (int i = 0; i < count; ++i) fds[i] = must_connect(name, port);
    int well = 0;
    for (int i = 0; i < count; ++i) {
        char line[16], back[16];
        const int size = snprintf(line, sizeof line, "line %d\n", i);
        send(fds[i], line, (size_t)size, 0);
        shutdown(fds[i], SHUT_WR);
        well += recv(fds[i], back, sizeof back, MSG_WAITALL) == size &&
                memcmp(line, back, (size_t)size) == 0;
    }
    for (int i = 0; i < count; ++i) close(fds[i]);
    printf("many %d\n", well);
}

static void measure(const char* what, const char* name, const char* port, int count) {
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < count; ++i) {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        try(fd, find(name, port));
        close(fd);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    const long us = (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
    printf("%s %ld us\n", what, us / count);
}

static int listening(const char* port, int* error) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    *error = bind(fd, (struct sockaddr*)&own, sizeof own) == 0 && listen(fd, 8) == 0 ? 0 : errno;
    return fd;
}

static void serve(const char* port, int count) {
    static char data[65536];
    int error = 0;
    const int fd = listening(port, &error);
    printf("listen %s\n", text(error));
    for (int i = 0; i < count; ++i) {
        const int peer = accept(fd, NULL, NULL);
        printf("peer");
        print_end(getpeername, peer);
        print_end(getsockname, peer);
        printf("\n");
        for (ssize_t got; (got = recv(peer, data, sizeof data, 0)) > 0;) {
            if (send(peer, data, (size_t)got, MSG_NOSIGNAL) < 0) break;
        }
        close(peer);
    }
    close(fd);
    printf("closed\n");
}

static void listen_twice(const char* port) {
    int first = 0, second = 0;
    const int one = listening(port, &first);
    const int two = listening(port, &second);
    printf("listen %s, %s\n", text(first), text(second));
    close(one);
    close(two);
}

int main(int argc, char** argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 1; i < argc;) {
        const char* what = argv[i];
        char** with = argv + i + 1;
        if (strcmp(what, "refused") == 0) {
            const int fd = socket(AF_INET, SOCK_STREAM, 0);
            printf("refused %s\n", text(try(fd, find(with[0], with[1]))));
            close(fd);
        } else if (strcmp(what, "eventually") == 0) {
            eventually(with[0], with[1]);
        } else if (strcmp(what, "mapped") == 0) {
            mapped(with[0], with[1]);
        } else if (strcmp(what, "ends") == 0) {
            const int fd = must_connect(with[0], with[1]);
            printf("ends");
            print_end(getsockname, fd);
            print_end(getpeername, fd);
            printf("\n");
            close(fd);
        } else if (strcmp(what, "echo") == 0) {
            echo(with[0], with[1], (size_t)atoi(with[2]));
            ++i;
        } else if (strcmp(what, "many") == 0) {
            many(with[0], with[1], atoi(with[2]));
            ++i;
        } else if (strcmp(what, "time") == 0) {
            measure("time", with[0], with[1], atoi(with[2]));
            ++i;
        } else if (strcmp(what, "plain") == 0) {
            measure("plain", "127.0.0.1", with[0], atoi(with[1]));
        } else if (strcmp(what, "serve") == 0) {
            serve(with[0], atoi(with[1]));
        } else if (strcmp(what, "listen") == 0) {
            listen_twice(with[0]);
            --i;
        } else {
            printf("what is %s?\n", what);
            return 2;
        }
        i += 3;
    }
    return 0;
}
