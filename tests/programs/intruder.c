// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// intruder PORT PROTOCOL: a service that tries to reach another whose network it is not on. It asks
// for every address of 10.89.0.0/16 and a few others, lists what there is, requests the protocol,
// and tries tokens and tickets that it was never given. It prints what it found.
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { QUERY = 4, REQUEST = 5, REVOKE = 6, SEND = 7, OPEN_STREAM = 8, ATTACH = 9, TOKENS = 4096 };

static int reaches(uint32_t address, uint16_t port) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(address);
    const int stream = socket(AF_INET, SOCK_STREAM, 0);
    const int reached = connect(stream, (struct sockaddr*)&to, sizeof to) == 0;
    close(stream);
    return reached;
}

static int open_server(void) {
    const struct sockaddr_un address = {AF_UNIX, "/var/run/msg0.sock"};
    const int server = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    if (connect(server, (const struct sockaddr*)&address, sizeof address) == 0) return server;
    perror(address.sun_path);
    exit(1);
}

/* The status of a request's answer; *number is its body's first word. Nothing else may come. */
static int ask(int server, uint8_t opcode, const void* body, size_t size, uint32_t* number) {
    uint8_t payload[4200] = {opcode};
    memcpy(payload + 8, body, size);
    if (send(server, payload, 8 + size, 0) < 0) return -1;
    const ssize_t received = recv(server, payload, sizeof payload, 0);
    if (received < 8 || payload[0] != (opcode | 0x80)) return -1;
    if (number != NULL && received >= 12) memcpy(number, payload + 8, 4);
    return payload[2] | payload[3] << 8;
}

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const uint16_t port = (uint16_t)atoi(argv[1]);
    unsigned reached = 0;
    for (uint32_t i = 0; i < 1u << 16; ++i) reached += reaches(10u << 24 | 89u << 16 | i, port);
    static const char* const others[] = {"0.0.0.0",         "127.0.0.1", "10.0.2.15",
                                         "255.255.255.255", "224.0.0.1", "169.254.0.1"};
    for (size_t i = 0; i < sizeof others / sizeof *others; ++i) {
        reached += reaches(ntohl(inet_addr(others[i])), port);
    }
    printf("addresses reached: %u\n", reached);

    const int server = open_server();
    uint32_t listed = 1;
    const int status = ask(server, QUERY, &(uint32_t){0}, 4, &listed);
    printf("protocols listed: %u, status %d\n", listed, status);
    printf("the protocol: status %d\n", ask(server, REQUEST, argv[2], strlen(argv[2]), NULL));

    unsigned taken = 0;
    uint64_t token[2] = {0, 0}, state = 1;
    for (unsigned i = 0; i < TOKENS; ++i) {
        static const uint8_t opcodes[] = {SEND, REVOKE, OPEN_STREAM};
        taken += ask(server, opcodes[i % 3], token, sizeof token, NULL) != 6;
        // Single bits, small numbers, then whatever comes.
        for (unsigned k = 0; k < 2; ++k) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            token[k] = i < 128   ? (i / 64 == k ? 1ull << i % 64 : 0)
                       : i < 512 ? (k == 0 ? i : 0)
                                 : state;
        }
        if (i % 64 != 0) continue;
        const int fresh = open_server();
        taken += ask(fresh, ATTACH, token, sizeof token, NULL) != 6;
        close(fresh);
    }
    printf("tokens and tickets taken: %u of %u\n", taken, TOKENS);
    return 0;
}
