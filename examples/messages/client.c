/* SPDX-FileCopyrightText: 2026 The kos authors */
/* SPDX-License-Identifier: BSD-2-Clause */

/* client PROTOCOL: requests the protocol as soon as it is published, and says three things. */
#include "kos_messages.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { NOT_FOUND = 6, MOST_TRIES = 1000 };

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    int server = kos_messages_open("/var/run/msg0.sock");
    if (server < 0) {
        perror("/var/run/msg0.sock");
        return 1;
    }
    kos_token token;
    int status = NOT_FOUND;
    for (int i = 0; i < MOST_TRIES && status == NOT_FOUND; ++i) {
        status = kos_request(server, argv[1], &token);
        if (status == NOT_FOUND) nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    if (status != 0) {
        fprintf(stderr, "request %s: status %d\n", argv[1], status);
        return 1;
    }
    static const char* const words[] = {"hello", "how are you", "goodbye"};
    for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
        static struct kos_event event;
        if (kos_send(server, &token, words[i], strlen(words[i])) != 0) return 1;
        do {
            if (kos_next_event(server, &event) != 0) return 1;
        } while (event.kind != KOS_MESSAGE);
        printf("client: \"%s\" -> \"%.*s\"\n", words[i], (int)event.size,
               (const char*)event.message);
    }
    return 0;
}
