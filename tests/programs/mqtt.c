// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// mqtt HOST PORT COUNT: publishes COUNT retained messages, kos/1 to kos/COUNT, as soon as the
// broker takes its connection. MQTT 3.1.1, quality of service 0.
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int try_connect(const char* host, const char* port) {
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo* found = NULL;
    if (getaddrinfo(host, port, &hints, &found) != 0) return -1;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const int made = connect(fd, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (made == 0) return fd;
    close(fd);
    return -1;
}

static void send_packet(int fd, unsigned char kind, const void* body, size_t size) {
    unsigned char packet[128] = {kind, (unsigned char)size};
    memcpy(packet + 2, body, size);
    if (send(fd, packet, size + 2, 0) != (ssize_t)size + 2) {
        perror("send");
        exit(1);
    }
}

int main(int argc, char** argv) {
    enum { CONNECT = 0x10, PUBLISH_RETAINED = 0x31, DISCONNECT = 0xe0 };
    if (argc != 4) return 2;
    int fd = -1;
    for (int i = 0; i < 2000 && (fd = try_connect(argv[1], argv[2])) < 0; ++i) {
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    // The protocol's name and level, a clean session, a minute's patience, our name.
    send_packet(fd, CONNECT, "\0\4MQTT\4\2\0\x3c\0\6native", 18);
    unsigned char answer[4] = {0};
    if (recv(fd, answer, sizeof answer, MSG_WAITALL) != 4 || answer[0] != 0x20 || answer[3] != 0) {
        fprintf(stderr, "the broker's answer is another\n");
        return 1;
    }
    const int count = atoi(argv[3]);
    for (int i = 1; i <= count; ++i) {
        char body[64] = {0};
        const int topic = snprintf(body + 2, 20, "kos/%d", i);
        const int text = snprintf(body + 2 + topic, 40, "message %d", i);
        body[1] = (char)topic;
        send_packet(fd, PUBLISH_RETAINED, body, 2 + (size_t)topic + (size_t)text);
    }
    send_packet(fd, DISCONNECT, "", 0);
    // The broker closes.
    recv(fd, answer, 1, 0);
    printf("published %d\n", count);
    return 0;
}
