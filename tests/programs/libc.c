/* SPDX-FileCopyrightText: 2026 The kos authors
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What a C program takes for granted: formatted output, a heap that grows, files, clocks, threads.
 * Prints only what is the same in every run; exits 1 at the first thing that is not as it should.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void check(int holds, const char* what) {
    if (!holds) {
        printf("failed: %s (errno %d)\n", what, errno);
        exit(1);
    }
    printf("ok: %s\n", what);
}

static void heap(void) {
    enum { blocks = 64 };
    unsigned char* block[blocks];
    /* From inside malloc's arena to beyond the size from which musl and glibc use mmap. */
    for (size_t i = 0; i < blocks; ++i) {
        size_t size = (i + 1) * 4096;
        block[i] = malloc(size);
        check(block[i] != NULL, "malloc");
        memset(block[i], (int)i, size);
    }
    for (size_t i = 0; i < blocks; ++i) {
        size_t last = (i + 1) * 4096 - 1;
        if (block[i][0] != i || block[i][last] != i) check(0, "a block keeps its bytes");
        free(block[i]);
    }
    unsigned char* zeroed = calloc(300, 1024);
    for (size_t i = 0; zeroed != NULL && i < 300 * 1024; ++i) {
        if (zeroed[i] != 0) check(0, "calloc gives zeroes");
    }
    zeroed = realloc(zeroed, 600 * 1024);
    check(zeroed != NULL, "calloc, realloc");
    free(zeroed);
}

static void files(void) {
    char text[64] = "";
    FILE* file = fopen("/foo.txt", "r");
    check(file != NULL, "fopen");
    check(fseek(file, 8, SEEK_SET) == 0 && fgets(text, sizeof text, file) != NULL, "fseek, fgets");
    printf("from offset 8: %s", text);
    check(fgets(text, sizeof text, file) == NULL && feof(file), "end of file");
    fclose(file);
    errno = 0;
    check(fopen("/missing", "r") == NULL && errno == ENOENT, "a missing file is ENOENT");
    check(access("/foo.txt", R_OK) == 0 && access("/libc", X_OK) == 0, "access");
}

static void clocks(void) {
    struct timespec before;
    struct timespec after;
    struct timespec pause = {.tv_sec = 0, .tv_nsec = 20 * 1000 * 1000};
    check(clock_gettime(CLOCK_MONOTONIC, &before) == 0, "clock_gettime");
    check(nanosleep(&pause, NULL) == 0, "nanosleep");
    check(clock_gettime(CLOCK_MONOTONIC, &after) == 0, "clock_gettime");
    long long slept =
        (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
    check(slept >= pause.tv_nsec, "a sleep lasts at least as long as asked");
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int arrived;
static long total;
static _Thread_local long own;

enum { thread_count = 4, rounds = 1000 };

static void* thread(void* argument) {
    long step = (long)argument;
    for (int i = 0; i < rounds; ++i) {
        own += step;
        pthread_mutex_lock(&mutex);
        total += step;
        pthread_mutex_unlock(&mutex);
    }
    pthread_mutex_lock(&mutex);
    ++arrived;
    pthread_cond_broadcast(&changed);
    while (arrived < thread_count) pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
    return (void*)own;
}

static void threads(void) {
    pthread_t id[thread_count];
    for (long i = 0; i < thread_count; ++i) {
        if (pthread_create(&id[i], NULL, thread, (void*)(i + 1)) != 0) check(0, "pthread_create");
    }
    long sum = 0;
    for (int i = 0; i < thread_count; ++i) {
        void* result = NULL;
        if (pthread_join(id[i], &result) != 0) check(0, "pthread_join");
        sum += (long)result;
    }
    check(sum == rounds * 10 && total == sum,
          "threads share memory and have variables of their own");
}

int main(void) {
    printf("%5d|%-5s|%05.2f|%#x|%c\n", 42, "ab", 3.14159, 255U, 'z');
    heap();
    files();
    clocks();
    threads();
    check(write(STDOUT_FILENO, "", 0) == 0, "write");
    return 0;
}
