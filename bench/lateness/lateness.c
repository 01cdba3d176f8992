/* SPDX-FileCopyrightText: 2026 The kos authors
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * How late sleeps of 1, 10 and 100 ms end.
 *
 * Usage: lateness [SLEEPERS [HOGS]]: so many threads sleep at once (1), beside so many that never
 * do (0). Prints a line of JSON for each length.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* As many as an app has unless its image says otherwise. */
enum { most_threads = 8 };

struct lateness {
    int64_t least, most, sum;
    int count;
};

struct sleeper {
    pthread_t thread;
    int64_t length_ns;
    int rounds;
    struct lateness late;
};

static atomic_bool is_over;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void* sleep_often(void* argument) {
    struct sleeper* self = argument;
    const struct timespec length = {0, self->length_ns};
    self->late = (struct lateness){INT64_MAX, 0, 0, 0};
    for (int i = 0; i < self->rounds; ++i) {
        int64_t start = now();
        nanosleep(&length, NULL);
        int64_t late = now() - start - self->length_ns;
        if (late < self->late.least) self->late.least = late;
        if (late > self->late.most) self->late.most = late;
        self->late.sum += late;
        ++self->late.count;
    }
    return NULL;
}

static void* hog(void* argument) {
    while (!atomic_load_explicit(&is_over, memory_order_relaxed)) {
    }
    return argument;
}

static void measure(int milliseconds, int rounds, int sleepers) {
    static struct sleeper all[most_threads];
    /* The main thread is the first of them. */
    for (int i = sleepers - 1; i >= 0; --i) {
        all[i].length_ns = milliseconds * INT64_C(1000000);
        all[i].rounds = rounds;
        if (i > 0 && pthread_create(&all[i].thread, NULL, sleep_often, &all[i]) != 0) exit(1);
    }
    sleep_often(&all[0]);
    struct lateness total = {INT64_MAX, 0, 0, 0};
    for (int i = 0; i < sleepers; ++i) {
        if (i > 0) pthread_join(all[i].thread, NULL);
        const struct lateness* late = &all[i].late;
        if (late->least < total.least) total.least = late->least;
        if (late->most > total.most) total.most = late->most;
        total.sum += late->sum;
        total.count += late->count;
    }
    printf(
        "{\"sleep_ms\": %d, \"sleeps\": %d, \"late_us\": {\"min\": %.1f, \"avg\": %.1f, \"max\": "
        "%.1f}}\n",
        milliseconds, total.count, (double)total.least / 1e3, (double)total.sum / 1e3 / total.count,
        (double)total.most / 1e3);
}

int main(int argc, char** argv) {
    int sleepers = argc > 1 ? atoi(argv[1]) : 1;
    int hogs = argc > 2 ? atoi(argv[2]) : 0;
    if (sleepers < 1 || hogs < 0 || sleepers + hogs > most_threads) return 2;
    pthread_t hog_threads[most_threads];
    for (int i = 0; i < hogs; ++i) {
        if (pthread_create(&hog_threads[i], NULL, hog, NULL) != 0) return 1;
    }
    measure(1, 200, sleepers);
    measure(10, 100, sleepers);
    measure(100, 10, sleepers);
    atomic_store(&is_over, true);
    for (int i = 0; i < hogs; ++i) pthread_join(hog_threads[i], NULL);
    return 0;
}
