/* SPDX-FileCopyrightText: 2026 The kos authors */
/* SPDX-License-Identifier: BSD-2-Clause */

#include "kos_messages.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEAD = 8, TOKEN = 16, PAYLOAD_MAX = HEAD + TOKEN + KOS_MESSAGE_MAX, QUEUED_MAX = 8 };
enum { PUBLISH = 2, REQUEST = 5, SEND = 7, OPEN_STREAM = 8, ATTACH = 9, ANSWER = 0x80 };

/* Events that came while an answer was awaited. */
static struct kos_event queued[QUEUED_MAX];
static unsigned first_queued, queued_count;

int kos_messages_open(const char* path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int server = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (server < 0) return -1;
    if (connect(server, (struct sockaddr*)&address, sizeof address) == 0) return server;
    close(server);
    return -1;
}

static int fail(int error) {
    errno = error;
    return -1;
}

static int read_event(const uint8_t* payload, size_t size, struct kos_event* event) {
    if (size < HEAD + TOKEN) return fail(EPROTO);
    event->kind = payload[0];
    memcpy(event->token.bytes, payload + HEAD, TOKEN);
    const int has_more = event->kind == KOS_MESSAGE || event->kind == KOS_STREAM;
    event->size = has_more ? size - HEAD - TOKEN : 0;
    memcpy(event->message, payload + HEAD + TOKEN, event->size);
    return 0;
}

/* Sends a request and waits for its answer, whose body it keeps. */
static int ask(int server, uint8_t opcode, const kos_token* token, const void* bytes, size_t size,
               uint8_t* body, size_t body_size) {
    uint8_t payload[PAYLOAD_MAX];
    size_t length = HEAD;
    memset(payload, 0, HEAD);
    payload[0] = opcode;
    if (token != NULL) {
        memcpy(payload + length, token->bytes, TOKEN);
        length += TOKEN;
    }
    if (size > sizeof payload - length) return fail(EMSGSIZE);
    if (size > 0) memcpy(payload + length, bytes, size);
    if (send(server, payload, length + size, MSG_NOSIGNAL) < 0) return -1;
    for (;;) {
        ssize_t received = recv(server, payload, sizeof payload, 0);
        if (received < 0) return -1;
        if (received < HEAD) return fail(ECONNRESET);
        if (payload[0] == (opcode | ANSWER)) {
            size_t got = (size_t)received - HEAD;
            if (body != NULL) memcpy(body, payload + HEAD, got < body_size ? got : body_size);
            return payload[2] | payload[3] << 8;
        }
        if (queued_count == QUEUED_MAX) return fail(ENOBUFS);
        struct kos_event* event = &queued[(first_queued + queued_count) % QUEUED_MAX];
        if (read_event(payload, (size_t)received, event) != 0) return -1;
        ++queued_count;
    }
}

int kos_publish(int server, const char* protocol) {
    return ask(server, PUBLISH, NULL, protocol, strlen(protocol), NULL, 0);
}

int kos_request(int server, const char* protocol, kos_token* token) {
    return ask(server, REQUEST, NULL, protocol, strlen(protocol), token->bytes, TOKEN);
}

int kos_send(int server, const kos_token* token, const void* message, size_t size) {
    return ask(server, SEND, token, message, size, NULL, 0);
}

int kos_open_stream(int server, const kos_token* token, kos_token* ticket) {
    return ask(server, OPEN_STREAM, token, NULL, 0, ticket->bytes, TOKEN);
}

int kos_attach(const char* path, const void* ticket) {
    kos_token token;
    memcpy(token.bytes, ticket, TOKEN);
    const int stream = kos_messages_open(path);
    if (stream < 0 || ask(stream, ATTACH, &token, NULL, 0, NULL, 0) == 0) return stream;
    close(stream);
    return fail(ECONNREFUSED);
}

int kos_next_event(int server, struct kos_event* event) {
    if (queued_count > 0) {
        const struct kos_event* first = &queued[first_queued];
        memcpy(event, first, offsetof(struct kos_event, message) + first->size);
        first_queued = (first_queued + 1) % QUEUED_MAX;
        --queued_count;
        return 0;
    }
    uint8_t payload[PAYLOAD_MAX];
    ssize_t received = recv(server, payload, sizeof payload, 0);
    if (received < 0) return -1;
    if (received == 0) return fail(ECONNRESET);
    return read_event(payload, (size_t)received, event);
}
