// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams within a program: over loopback, over AF_UNIX, in pairs, with poll and sendfile. It has
// no network, and prints what Linux would.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { AMOUNT = 300000 };

static int must(int result, const char* what) {
    if (result < 0) {
        printf("%s: %s\n", what, strerror(errno));
        exit(1);
    }
    return result;
}

static void* write_much(void* socket) {
    const int out = *(const int*)socket;
    unsigned char buffer[1000];
    for (int i = 0; i < AMOUNT / 1000; ++i) {
        for (int k = 0; k < 1000; ++k) buffer[k] = (unsigned char)(i * 7 + k);
        if (write(out, buffer, 1000) != 1000) return "short";
    }
    shutdown(out, SHUT_WR);
    return "whole";
}

static void transfer(int from, int to) {
    pthread_t thread;
    void* end;
    pthread_create(&thread, NULL, write_much, &from);
    int total = 0, wrong = 0;
    unsigned char buffer[4096];
    for (;;) {
        const ssize_t count = must((int)read(to, buffer, sizeof buffer), "read");
        if (count == 0) break;
        for (ssize_t i = 0; i < count; ++i, ++total) {
            wrong += buffer[i] != (unsigned char)(total / 1000 * 7 + total % 1000);
        }
    }
    pthread_join(thread, &end);
    printf("  %d bytes, %d wrong, written %s\n", total, wrong, (const char*)end);
}

static void show_readiness(const char* when, int socket) {
    struct pollfd entry = {socket, POLLIN | POLLOUT | POLLRDHUP, 0};
    poll(&entry, 1, 0);
    printf("  %s:%s%s%s%s%s\n", when, entry.revents & POLLIN ? " in" : "",
           entry.revents & POLLOUT ? " out" : "", entry.revents & POLLRDHUP ? " ended" : "",
           entry.revents & POLLHUP ? " hung-up" : "", entry.revents & POLLERR ? " error" : "");
}

static void converse(int listener, int client) {
    show_readiness("listener", listener);
    const int server = must(accept(listener, NULL, NULL), "accept");
    show_readiness("client", client);
    must((int)write(server, "hello", 5), "write");
    show_readiness("client", client);
    char text[16] = "";
    printf("  peeked %d", (int)recv(client, text, sizeof text, MSG_PEEK));
    printf(", got %d: %s\n", (int)recv(client, text, sizeof text, 0), text);
    printf("  nothing waits: %s\n",
           recv(client, text, sizeof text, MSG_DONTWAIT) < 0 ? strerror(errno) : "something");
    transfer(client, server);
    show_readiness("half closed", server);
    transfer(server, client);
    show_readiness("closed", server);
    close(server);
    close(client);
    close(listener);
}

static void over_inet(int family) {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0}, peer = {0};
    socklen_t size = family == AF_INET ? sizeof address.v4 : sizeof address.v6;
    address.any.sa_family = (sa_family_t)family;
    if (family == AF_INET) address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (family == AF_INET6) address.v6.sin6_addr = in6addr_loopback;
    const int listener = must(socket(family, SOCK_STREAM, 0), "socket");
    must(bind(listener, &address.any, size), "bind");
    must(listen(listener, 4), "listen");
    must(getsockname(listener, &address.any, &size), "getsockname");
    printf("%s: a port is %s\n", family == AF_INET ? "127.0.0.1" : "::1",
           address.v4.sin_port != 0 ? "there" : "missing");
    const int client = must(socket(family, SOCK_STREAM, 0), "socket");
    must(connect(client, &address.any, size), "connect");
    must(getpeername(client, &peer.any, &size), "getpeername");
    printf("  the peer is %s\n", memcmp(&address, &peer, 8) == 0 ? "the listener" : "another");
    converse(listener, client);
    const int late = must(socket(family, SOCK_STREAM, 0), "socket");
    printf("  afterwards: %s\n", connect(late, &address.any, size) < 0 ? strerror(errno) : "open");
    close(late);
}

static void over_unix(void) {
    struct sockaddr_un address = {AF_UNIX, "\0kos-test-sockets"}, name = {0};
    const socklen_t size = offsetof(struct sockaddr_un, sun_path) + 17;
    const int listener = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    must(bind(listener, (struct sockaddr*)&address, size), "bind");
    must(listen(listener, 4), "listen");
    const int client = must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    must(connect(client, (struct sockaddr*)&address, size), "connect");
    socklen_t length = sizeof name;
    must(getpeername(client, (struct sockaddr*)&name, &length), "getpeername");
    printf("AF_UNIX: the peer's name has %u bytes: @%s\n", length, name.sun_path + 1);
    length = sizeof name;
    must(getsockname(client, (struct sockaddr*)&name, &length), "getsockname");
    printf("  its own %u\n", length);
    converse(listener, client);
}

static void in_pairs(void) {
    int pair[2];
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
    puts("a pair:");
    const int file = must(open("/foo.txt", O_RDONLY), "open");
    printf("  sendfile %d", (int)sendfile(pair[0], file, NULL, 100));
    char text[64] = "";
    printf(", read %d: %s", (int)read(pair[1], text, sizeof text), text);
    transfer(pair[0], pair[1]);
    close(pair[1]);
    show_readiness("the other is closed", pair[0]);
    printf("  written to it: %s\n", write(pair[0], "x", 1) < 0 ? strerror(errno) : "taken");
    close(pair[0]);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    over_inet(AF_INET);
    over_inet(AF_INET6);
    over_unix();
    in_pairs();
    return 0;
}
