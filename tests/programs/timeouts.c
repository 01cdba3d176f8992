/* SPDX-FileCopyrightText: 2026 The kos authors
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Every way to wait for a time: none ends early, none is forgotten. Prints only what is the same in
 * every run; exits 1 at the first that is not as it should.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* linux/futex.h, which not every C library comes with. */
enum { futex_wait_private = 128, futex_wait_bitset_private = 128 | 9 };
static const uint32_t any_bit = 0xffffffff;

static const long pause_ns = 20000000;
static const int pause_ms = 20;
/* For a busy machine: a timeout that is forgotten lasts for ever. */
static const int64_t far_too_long_ns = 20000000000;

static int64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * (int64_t)1000000000 + time.tv_nsec;
}

static struct timespec in(clockid_t clock, int64_t ns) {
    int64_t then = now(clock) + ns;
    return (struct timespec){then / 1000000000, then % 1000000000};
}

static void check(int holds, const char* what) {
    printf("%s: %s\n", holds ? "ok" : "failed", what);
    if (!holds) exit(1);
}

/* Of what began at `start` and waited for `pause_ns`. */
static void check_waited(int64_t start, const char* what) {
    int64_t waited = now(CLOCK_MONOTONIC) - start;
    if (waited < pause_ns || waited > far_too_long_ns) {
        printf("%s took %lld ns\n", what, (long long)waited);
        exit(1);
    }
    printf("ok: %s waits as long as it should\n", what);
}

static void sleeps(void) {
    const struct timespec pause = {0, pause_ns};
    int64_t start = now(CLOCK_MONOTONIC);
    check(nanosleep(&pause, NULL) == 0, "nanosleep");
    check_waited(start, "nanosleep");
    start = now(CLOCK_MONOTONIC);
    check(clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL) == 0, "clock_nanosleep");
    check_waited(start, "clock_nanosleep");
    const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME};
    for (int i = 0; i < 2; ++i) {
        start = now(CLOCK_MONOTONIC);
        struct timespec then = in(clocks[i], pause_ns);
        check(clock_nanosleep(clocks[i], TIMER_ABSTIME, &then, NULL) == 0, "to a time");
        check_waited(start, i == 0 ? "to a monotonic time" : "to a time of day");
        /* It has passed. */
        check(clock_nanosleep(clocks[i], TIMER_ABSTIME, &then, NULL) == 0, "to a time that was");
    }
    const struct timespec malformed = {0, 1000000000};
    check(nanosleep(&malformed, NULL) == -1 && errno == EINVAL, "a malformed time is EINVAL");
}

static void futexes(void) {
    static uint32_t word = 7;
    const struct timespec pause = {0, pause_ns};
    int64_t start = now(CLOCK_MONOTONIC);
    check(syscall(SYS_futex, &word, futex_wait_private, 7, &pause) == -1 && errno == ETIMEDOUT,
          "futex");
    check_waited(start, "futex");
    start = now(CLOCK_MONOTONIC);
    struct timespec then = in(CLOCK_MONOTONIC, pause_ns);
    check(syscall(SYS_futex, &word, futex_wait_bitset_private, 7, &then, NULL, any_bit) == -1 &&
              errno == ETIMEDOUT,
          "futex to a time");
    check_waited(start, "futex to a time");

    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    start = now(CLOCK_MONOTONIC);
    then = in(CLOCK_REALTIME, pause_ns);
    pthread_mutex_lock(&mutex);
    check(pthread_cond_timedwait(&condition, &mutex, &then) == ETIMEDOUT, "condition variable");
    pthread_mutex_unlock(&mutex);
    check_waited(start, "condition variable");

    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    start = now(CLOCK_MONOTONIC);
    then = in(CLOCK_REALTIME, pause_ns);
    check(sem_timedwait(&semaphore, &then) == -1 && errno == ETIMEDOUT, "semaphore");
    check_waited(start, "semaphore");
}

static void files(void) {
    int ends[2];
    check(pipe(ends) == 0, "pipe");
    const struct timespec pause = {0, pause_ns};
    struct pollfd entry = {.fd = ends[0], .events = POLLIN};

    int64_t start = now(CLOCK_MONOTONIC);
    check(poll(&entry, 1, pause_ms) == 0, "poll");
    check_waited(start, "poll");
    start = now(CLOCK_MONOTONIC);
    check(ppoll(&entry, 1, &pause, NULL) == 0, "ppoll");
    check_waited(start, "ppoll");
    start = now(CLOCK_MONOTONIC);
    check(poll(NULL, 0, pause_ms) == 0, "poll of nothing");
    check_waited(start, "poll of nothing");

    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    struct timeval interval = {0, pause_ms * 1000};
    start = now(CLOCK_MONOTONIC);
    check(select(ends[0] + 1, &set, NULL, NULL, &interval) == 0, "select");
    check_waited(start, "select");

    int watcher = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    check(epoll_ctl(watcher, EPOLL_CTL_ADD, ends[0], &event) == 0, "epoll_ctl");
    start = now(CLOCK_MONOTONIC);
    check(epoll_wait(watcher, &event, 1, pause_ms) == 0, "epoll_wait");
    check_waited(start, "epoll_wait");

    /* What comes in time ends the wait. */
    check(write(ends[1], "x", 1) == 1, "write");
    check(poll(&entry, 1, INT_MAX) == 1, "poll of what is ready");
    check(epoll_wait(watcher, &event, 1, INT_MAX) == 1, "epoll_wait of what is ready");
}

int main(void) {
    sleeps();
    futexes();
    files();
    return 0;
}
