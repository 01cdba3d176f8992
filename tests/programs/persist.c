// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Services that go on whatever happens to their peers, and say at once what must not happen:
//
//   persist serve NAME         answers each message with NAME in it
//   persist call NAME SERVER   asks SERVER one message after another, and again where it has gone
//   persist sink PORT          takes one stream after another; their words follow from their place
//   persist spill HOST PORT    writes such streams, a new one where one broke
//
// All of them write "VIOLATION", with what is wrong, and end; every hundredth success is a line.
#include "kos_messages.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { NOT_FOUND = 6, FULL = 8, WORDS = 512, REPORT = 100 };

struct note {
    char server[16], client[16];
    uint64_t number;
};

static int violation(const char* what) {
    printf("VIOLATION: %s: %s\n", what, strerror(errno));
    return 1;
}

static void pause_for(long milliseconds) {
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000}, NULL);
}

static void count(const char* what) {
    static unsigned long done;
    if (++done % REPORT == 0) printf("%lu %s\n", done, what);
}

static uint64_t word_at(uint64_t place) { return (place + 1) * 0x9e3779b97f4a7c15u ^ place >> 7; }

static int serve(const char* name) {
    static struct kos_event event;
    const int server = kos_messages_open("/var/run/msg0.sock");
    if (server < 0 || kos_publish(server, "5050") != 0) return violation("publish");
    while (kos_next_event(server, &event) == 0) {
        struct note note;
        if (event.kind != KOS_MESSAGE) continue;
        if (event.size != sizeof note) return violation("a message of another size");
        memcpy(&note, event.message, sizeof note);
        strncpy(note.server, name, sizeof note.server);
        const int status = kos_send(server, &event.token, &note, sizeof note);
        if (status != 0 && status != FULL && status != NOT_FOUND) return violation("an answer");
    }
    return violation("the server's connection");
}

/// Whether the token is void by now, which it must be.
static int is_void(int server, const kos_token* token) {
    return kos_send(server, token, "", 1) == NOT_FOUND;
}

static int call(const char* name, const char* wanted) {
    static struct kos_event event;
    struct note note = {.number = 0};
    const int server = kos_messages_open("/var/run/msg0.sock");
    if (server < 0) return violation("open");
    strncpy(note.client, name, sizeof note.client);
    for (;;) {
        kos_token token;
        const int status = kos_request(server, "5050", &token);
        if (status != 0 && status != NOT_FOUND) return violation("a request");
        if (status != 0) pause_for(20);
        for (int is_good = status == 0; is_good;) {
            ++note.number;
            const int sent = kos_send(server, &token, &note, sizeof note);
            if (sent != 0 && sent != NOT_FOUND) return violation("a message");
            do {
                if (kos_next_event(server, &event) != 0) return violation("the next event");
            } while (event.kind != KOS_MESSAGE && event.kind != KOS_GONE);
            if (memcmp(&event.token, &token, sizeof token) != 0) return violation("a token");
            is_good = event.kind == KOS_MESSAGE;
            if (!is_good && !is_void(server, &token)) return violation("a token of the dead");
            if (!is_good) break;
            struct note answer;
            if (event.size != sizeof answer) return violation("an answer of another size");
            memcpy(&answer, event.message, sizeof answer);
            if (strncmp(answer.server, wanted, sizeof answer.server) != 0 ||
                strncmp(answer.client, name, sizeof answer.client) != 0) {
                return violation("an answer from or for another");
            }
            if (answer.number != note.number) return violation("an answer to another message");
            count("answers");
            pause_for(2);
        }
    }
}

static int sink(const char* port) {
    static uint64_t block[WORDS];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr*)&address, sizeof address) < 0 || listen(listener, 4) < 0) {
        return violation("listen");
    }
    for (;;) {
        const int stream = accept(listener, NULL, NULL);
        if (stream < 0) return violation("accept");
        uint64_t place = 0;
        size_t held = 0;
        for (ssize_t got; (got = read(stream, (char*)block + held, sizeof block - held)) > 0;) {
            held += (size_t)got;
            const size_t words = held / sizeof *block;
            for (size_t i = 0; i < words; ++i) {
                if (block[i] != word_at(place++)) return violation("a word of another stream");
            }
            held -= words * sizeof *block;
            memmove(block, block + words, held);
            if (words > 0) count("pieces");
        }
        close(stream);
    }
}

static int spill(const char* host, const char* port) {
    static uint64_t block[WORDS];
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(host, port, &hints, &found) != 0) return violation(host);
    for (;;) {
        const int stream = socket(AF_INET, SOCK_STREAM, 0);
        if (stream < 0) return violation("socket");
        if (connect(stream, found->ai_addr, found->ai_addrlen) == 0) {
            uint64_t place = 0;
            do {
                for (size_t i = 0; i < WORDS; ++i) block[i] = word_at(place++);
                count("pieces");
                pause_for(2);
            } while (write(stream, block, sizeof block) == sizeof block);
            if (errno != EPIPE && errno != ECONNRESET) return violation("write");
        } else if (errno != ECONNREFUSED) {
            return violation("connect");
        }
        close(stream);
        pause_for(20);
    }
}

int main(int argc, char** argv) {
    const char* const mode = argc > 1 ? argv[1] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(mode, "serve") == 0 && argc == 3) return serve(argv[2]);
    if (strcmp(mode, "call") == 0 && argc == 4) return call(argv[2], argv[3]);
    if (strcmp(mode, "sink") == 0 && argc == 3) return sink(argv[2]);
    if (strcmp(mode, "spill") == 0 && argc == 4) return spill(argv[2], argv[3]);
    fprintf(stderr, "persist: what?\n");
    return 2;
}
