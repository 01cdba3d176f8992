/* SPDX-FileCopyrightText: 2026 The kos authors */
/* SPDX-License-Identifier: BSD-2-Clause */

/* Messages between services, through the socket of a compose network's message server
 * (docs/msg.md). Each function gives 0, or a Status of that document, or -1 with errno set. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { KOS_MESSAGE_MAX = 4096 };

typedef struct {
    uint8_t bytes[16];
} kos_token;

enum kos_event_kind {
    KOS_MESSAGE = 0x41,
    KOS_GRANTED = 0x42,
    KOS_GONE = 0x43,
    KOS_ROOM = 0x44,
    KOS_STREAM = 0x45
};

struct kos_event {
    enum kos_event_kind kind;
    kos_token token;
    size_t size; /* of the message, or of a stream's ticket */
    uint8_t message[KOS_MESSAGE_MAX];
};

/* A connection to the message server at `path`, such as /var/run/msg0.sock: a descriptor, or -1. */
int kos_messages_open(const char* path);

int kos_publish(int server, const char* protocol);
/* A token for the service that publishes `protocol`. Status 6 (NotFound): nobody does, yet. */
int kos_request(int server, const char* protocol, kos_token* token);
int kos_send(int server, const kos_token* token, const void* message, size_t size);
/* A ticket for one end of a byte stream; the other side finds its own in an event KOS_STREAM. */
int kos_open_stream(int server, const kos_token* token, kos_token* ticket);
/* That end, through a connection of its own to `path`: a descriptor for bytes both ways, to be read
 * with room for 4096, or -1. */
int kos_attach(const char* path, const void* ticket);
/* Waits for the next event. */
int kos_next_event(int server, struct kos_event* event);
