/* SPDX-FileCopyrightText: 2026 The kos authors */
/* SPDX-License-Identifier: BSD-2-Clause */

/* server PROTOCOL: publishes the protocol, answers each message in capitals, ends with its client.
 */
#include "kos_messages.h"

#include <ctype.h>
#include <stdio.h>

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    int server = kos_messages_open("/var/run/msg0.sock");
    if (server < 0) {
        perror("/var/run/msg0.sock");
        return 1;
    }
    int status = kos_publish(server, argv[1]);
    if (status != 0) {
        fprintf(stderr, "publish %s: status %d\n", argv[1], status);
        return 1;
    }
    printf("server: %s is published\n", argv[1]);
    fflush(stdout);
    static struct kos_event event;
    while (kos_next_event(server, &event) == 0) {
        if (event.kind == KOS_GRANTED) printf("server: a client has come\n");
        if (event.kind == KOS_GONE) {
            printf("server: the client has gone\n");
            return 0;
        }
        if (event.kind != KOS_MESSAGE) continue;
        printf("server: got \"%.*s\"\n", (int)event.size, (const char*)event.message);
        for (size_t i = 0; i < event.size; ++i) {
            event.message[i] = (uint8_t)toupper(event.message[i]);
        }
        if (kos_send(server, &event.token, event.message, event.size) != 0) return 1;
    }
    perror("server");
    return 1;
}
