// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Two services that exchange what can be checked: messages, each with its number and a checksum,
// and streams whose every word follows from its place. For tests, soaks and benchmarks:
//
//   traffic answer PROTOCOL         sends each message and stream back, until its client goes
//   traffic ask PROTOCOL N SIZE...  N messages of each size, one after another, each of them back
//   traffic drain PORT              takes one stream, says how long it was
//   traffic pour HOST PORT MIB      writes one
//   traffic serve PORT              takes one stream, and writes to it what its client asks for
//   traffic fetch HOST PORT MIB     asks for as much, and takes it
//   traffic copy MIB                copies as much within its own memory
//   traffic pair N SIZE...          as ask, of a child by a pair of sockets: under Linux only
//   traffic relay MIB               writes as much to a child, likewise
//   traffic flood PROTOCOL          sends and asks as fast as it can, until it is stopped
//
// `unchecked` behind the words of those with a PORT leaves out making and looking at the words.
#include "kos_messages.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NOT_FOUND = 6, FULL = 8, QUERY = 4, SEND = 7, BLOCK = 65536 };

static int fail(const char* what) {
    perror(what);
    return 1;
}

static uint64_t word_at(uint64_t place) { return (place + 1) * 0x9e3779b97f4a7c15u ^ place >> 7; }

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int open_server(void) { return kos_messages_open("/var/run/msg0.sock"); }

static int request(int server, const char* protocol, kos_token* token) {
    int status = NOT_FOUND;
    while ((status = kos_request(server, protocol, token)) == NOT_FOUND) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return status;
}

// Sends back what comes, to its end.
static int echo(const void* ticket) {
    char bytes[4096];
    const int stream = kos_attach("/var/run/msg0.sock", ticket);
    uint64_t total = 0;
    ssize_t count = 0;
    if (stream < 0) return fail("attach");
    while ((count = recv(stream, bytes, sizeof bytes, 0)) > 0) {
        for (ssize_t done = 0; done < count;) {
            const ssize_t part = send(stream, bytes + done, (size_t)(count - done), 0);
            if (part < 0) return fail("echo");
            done += part;
        }
        total += (uint64_t)count;
    }
    close(stream);
    printf("echoed %llu bytes\n", (unsigned long long)total);
    return count < 0 ? fail("stream") : 0;
}

static int answer(const char* protocol) {
    static struct kos_event event;
    uint64_t count = 0;
    const int server = open_server();
    if (server < 0 || kos_publish(server, protocol) != 0) return fail("publish");
    while (kos_next_event(server, &event) == 0) {
        if (event.kind == KOS_GONE) {
            printf("answered %llu\n", (unsigned long long)count);
            return 0;
        }
        if (event.kind == KOS_STREAM && echo(event.message) != 0) return 1;
        if (event.kind != KOS_MESSAGE) continue;
        const int status = kos_send(server, &event.token, event.message, event.size);
        // Who does not read is not waited for.
        if (status == 0) ++count;
        if (status != 0 && status != FULL && status != NOT_FOUND) return fail("send");
    }
    return fail("the next event");
}

// Sends a message, and waits for the next one; without a token to the other end of a pair.
static int exchange(int socket, const kos_token* token, const void* message, size_t size,
                    struct kos_event* event) {
    if (token == NULL) {
        if (send(socket, message, size, 0) != (ssize_t)size) return fail("send");
        const ssize_t got = recv(socket, event->message, sizeof event->message, 0);
        event->size = (size_t)got;
        return got < 0 ? fail("recv") : 0;
    }
    if (kos_send(socket, token, message, size) != 0) return fail("send");
    do {
        if (kos_next_event(socket, event) != 0) return fail("the next event");
    } while (event->kind != KOS_MESSAGE);
    return 0;
}

static int ask_all(int server, const kos_token* token, uint64_t messages, size_t size) {
    static struct kos_event event;
    static uint64_t message[KOS_MESSAGE_MAX / sizeof(uint64_t)];
    const size_t words = size / sizeof(uint64_t);
    const uint64_t start = now();
    for (uint64_t i = 0; i < messages; ++i) {
        for (size_t k = 0; k < words; ++k) message[k] = word_at(i * words + k);
        if (exchange(server, token, message, words * sizeof *message, &event) != 0) return 1;
        if (event.size != words * sizeof *message || memcmp(event.message, message, event.size)) {
            printf("message %llu came back as another\n", (unsigned long long)i);
            return 1;
        }
    }
    printf("%llu messages of %zu bytes came back in order, %llu ns each\n",
           (unsigned long long)messages, size, (unsigned long long)((now() - start) / messages));
    return 0;
}

static int ask(const char* protocol, const char* count, char** sizes) {
    kos_token token;
    const int server = open_server();
    if (server < 0 || request(server, protocol, &token) != 0) return fail("request");
    int status = 0;
    for (; *sizes != NULL && status == 0; ++sizes) {
        status = ask_all(server, &token, strtoull(count, NULL, 10), strtoul(*sizes, NULL, 10));
    }
    return status;
}

// Sends back each piece that comes, or nothing, until its parent has gone; its end of the pair.
static int start_child(int type, int answers) {
    static char piece[BLOCK];
    int ends[2];
    if (socketpair(AF_UNIX, type, 0, ends) < 0) return -1;
    const pid_t child = fork();
    if (child < 0) return -1;
    if (child != 0) {
        close(ends[1]);
        return ends[0];
    }
    close(ends[0]);
    ssize_t count = 0;
    while ((count = recv(ends[1], piece, sizeof piece, 0)) > 0) {
        if (answers && send(ends[1], piece, (size_t)count, 0) != count) _exit(1);
    }
    _exit(count != 0);
}

// Closes our end; whether the child has ended well.
static int end_child(int socket) {
    int status = 0;
    close(socket);
    return wait(&status) < 0 || status != 0 ? fail("child") : 0;
}

static int pair(const char* count, char** sizes) {
    const int socket = start_child(SOCK_SEQPACKET, 1);
    if (socket < 0) return fail("pair");
    int status = 0;
    for (; *sizes != NULL && status == 0; ++sizes) {
        status = ask_all(socket, NULL, strtoull(count, NULL, 10), strtoul(*sizes, NULL, 10));
    }
    return end_child(socket) | status;
}

static int relay(uint64_t mebibytes) {
    static char block[BLOCK];
    const int socket = start_child(SOCK_STREAM, 0);
    if (socket < 0) return fail("pair");
    for (uint64_t done = 0; done < mebibytes << 20; done += sizeof block) {
        if (write(socket, block, sizeof block) != sizeof block) return fail("write");
    }
    return end_child(socket);
}

// A stream to a service.
static int connect_to(const char* host, const char* port) {
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(host, port, &hints, &found) != 0) return fail(host), -1;
    const int stream = socket(AF_INET, SOCK_STREAM, 0);
    const int status = connect(stream, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return status < 0 ? fail("connect"), -1 : stream;
}

// The first stream to a port.
static int accept_one(const char* port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr*)&address, sizeof address) < 0 || listen(listener, 1) < 0) {
        return fail("listen"), -1;
    }
    const int stream = accept(listener, NULL, NULL);
    if (stream < 0) fail("accept");
    return stream;
}

// Takes a stream to its end, and says how long it was.
static int read_stream(int stream, int checks, uint64_t* total) {
    static uint64_t block[BLOCK / sizeof(uint64_t)];
    uint64_t wrong = 0;
    size_t held = 0;
    *total = 0;
    for (;;) {
        const ssize_t count = read(stream, (char*)block + held, sizeof block - held);
        if (count < 0) return fail("read");
        if (count == 0) break;
        held += (size_t)count;
        const size_t words = held / sizeof *block;
        for (size_t i = 0; checks && i < words; ++i) {
            wrong += block[i] != word_at(*total / sizeof *block + i);
        }
        *total += words * sizeof *block;
        held -= words * sizeof *block;
        memmove(block, block + words, held);
    }
    *total += held;
    printf("%llu bytes, %llu words wrong\n", (unsigned long long)*total, (unsigned long long)wrong);
    return wrong != 0;
}

static int write_all(int stream, const void* bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        const ssize_t part = write(stream, (const char*)bytes + done, size - done);
        if (part < 0) return fail("write");
        done += (size_t)part;
    }
    return 0;
}

static int write_stream(int stream, uint64_t mebibytes, int checks) {
    static uint64_t block[BLOCK / sizeof(uint64_t)];
    const uint64_t start = now();
    for (uint64_t done = 0; done < mebibytes << 20; done += sizeof block) {
        for (size_t i = 0; checks && i < BLOCK / sizeof *block; ++i) {
            block[i] = word_at(done / sizeof *block + i);
        }
        if (write_all(stream, block, sizeof block) != 0) return 1;
    }
    printf("poured %llu MiB, %llu ns each\n", (unsigned long long)mebibytes,
           (unsigned long long)((now() - start) / mebibytes));
    return 0;
}

static int drain(const char* port, int checks) {
    uint64_t total;
    const int stream = accept_one(port);
    return stream < 0 ? 1 : read_stream(stream, checks, &total);
}

static int pour(const char* host, const char* port, uint64_t mebibytes, int checks) {
    const int stream = connect_to(host, port);
    return stream < 0 ? 1 : write_stream(stream, mebibytes, checks);
}

static int serve(const char* port, int checks) {
    uint64_t mebibytes;
    const int stream = accept_one(port);
    if (stream < 0) return 1;
    if (recv(stream, &mebibytes, sizeof mebibytes, MSG_WAITALL) != sizeof mebibytes) {
        return fail("recv");
    }
    return write_stream(stream, mebibytes, checks);
}

static int fetch(const char* host, const char* port, uint64_t mebibytes, int checks) {
    uint64_t total;
    const int stream = connect_to(host, port);
    if (stream < 0 || write_all(stream, &mebibytes, sizeof mebibytes) != 0) return 1;
    return read_stream(stream, checks, &total) != 0 || total != mebibytes << 20;
}

static int copy(uint64_t mebibytes) {
    static char from[BLOCK], to[BLOCK];
    for (uint64_t i = 0; i < mebibytes << 20; i += BLOCK) {
        memcpy(to, from, BLOCK);
        __asm__ volatile("" : : "r"(to) : "memory");
    }
    return 0;
}

// A connection that is full and stays so, and another that is never without a request.
static int flood(const char* protocol) {
    static uint8_t payload[8 + sizeof(kos_token) + KOS_MESSAGE_MAX] = {SEND};
    kos_token token;
    const int server = open_server(), other = open_server();
    if (server < 0 || request(server, protocol, &token) != 0) return fail("request");
    memcpy(payload + 8, token.bytes, sizeof token.bytes);
    while (send(server, payload, sizeof payload, MSG_DONTWAIT) > 0) continue;
    puts("flooding");
    fflush(stdout);
    for (;;) {
        memset(payload, 0, 12);
        payload[0] = QUERY;
        if (send(other, payload, 12, 0) < 0) return fail("send");
        if (recv(other, payload, sizeof payload, 0) < 0) return fail("recv");
    }
}

int main(int argc, char** argv) {
    const char* const mode = argc > 1 ? argv[1] : "";
    const int checks = strcmp(argv[argc - 1], "unchecked") != 0;
    if (strcmp(mode, "answer") == 0 && argc == 3) return answer(argv[2]);
    if (strcmp(mode, "ask") == 0 && argc >= 5) return ask(argv[2], argv[3], argv + 4);
    if (strcmp(mode, "drain") == 0 && argc >= 3) return drain(argv[2], checks);
    if (strcmp(mode, "pour") == 0 && argc >= 5) {
        return pour(argv[2], argv[3], strtoull(argv[4], NULL, 10), checks);
    }
    if (strcmp(mode, "serve") == 0 && argc >= 3) return serve(argv[2], checks);
    if (strcmp(mode, "fetch") == 0 && argc >= 5) {
        return fetch(argv[2], argv[3], strtoull(argv[4], NULL, 10), checks);
    }
    if (strcmp(mode, "copy") == 0 && argc == 3) return copy(strtoull(argv[2], NULL, 10));
    if (strcmp(mode, "pair") == 0 && argc >= 4) return pair(argv[2], argv + 3);
    if (strcmp(mode, "relay") == 0 && argc == 3) return relay(strtoull(argv[2], NULL, 10));
    if (strcmp(mode, "flood") == 0 && argc == 3) return flood(argv[2]);
    fprintf(stderr, "traffic: what?\n");
    return 2;
}
