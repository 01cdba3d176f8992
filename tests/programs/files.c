// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Files that are written, in the tmpfs /tmp of 1 MiB: each call with its answer, and what is there
// in the end.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show(const char* what, long result) {
    printf("%s: %ld %s\n", what, result < 0 ? -1 : result, result < 0 ? strerror(errno) : "");
}
#define SHOW(call) show(#call, (long)(call))

static int by_name(const struct dirent** a, const struct dirent** b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

/// The names below a folder, with type, mode, links and size.
static void list(const char* folder) {
    struct dirent** entries;
    const int count = scandir(folder, &entries, NULL, by_name);
    for (int i = 0; i < count; ++i) {
        const char* name = entries[i]->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        char path[256];
        struct stat found;
        snprintf(path, sizeof path, "%s/%s", folder, name);
        lstat(path, &found);
        printf("%s: mode %o, links %d, size %ld, type %d\n", path, found.st_mode,
               S_ISDIR(found.st_mode) ? 0 : (int)found.st_nlink,
               S_ISDIR(found.st_mode) ? 0L : (long)found.st_size, entries[i]->d_type);
        if (S_ISDIR(found.st_mode)) list(path);
    }
}

static void put(const char* path, const char* text) {
    FILE* file = fopen(path, "w");
    if (file == NULL) return show(path, -1);
    fputs(text, file);
    fclose(file);
}

static void names(void) {
    put("/tmp/one", "first\n");
    SHOW(mkdir("/tmp/folder", 0750));
    SHOW(mkdir("/tmp/folder", 0750));
    SHOW(rename("/tmp/one", "/tmp/folder/two"));
    SHOW(link("/tmp/folder/two", "/tmp/three"));
    SHOW(symlink("folder/two", "/tmp/link"));
    put("/tmp/link", "through the link\n");
    SHOW(rmdir("/tmp/folder"));
    SHOW(unlink("/tmp/folder"));
    SHOW(rename("/tmp/folder", "/tmp/folder/within"));
    put("/tmp/four", "");
    const unsigned no_replace = 1;  // which musl has no name for
    SHOW(syscall(SYS_renameat2, AT_FDCWD, "/tmp/four", AT_FDCWD, "/tmp/three", no_replace));
    SHOW(chmod("/tmp/four", 0604));
    list("/tmp");
}

static void contents(void) {
    char text[64] = {0};
    const int file = open("/tmp/contents", O_RDWR | O_CREAT | O_EXCL, 0666);
    SHOW(write(file, "0123456789", 10));
    SHOW(pwrite(file, "x", 1, 100000));
    SHOW(lseek(file, 0, SEEK_END));
    SHOW(lseek(file, 5000, SEEK_DATA));
    SHOW(lseek(file, 0, SEEK_HOLE));
    SHOW(ftruncate(file, 5));
    SHOW(ftruncate(file, 8));
    SHOW(pread(file, text, sizeof text, 0));
    printf("%.5s and %d %d %d\n", text, text[5], text[6], text[7]);
    const char* mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    printf("mapped: %.5s\n", mapped);
    SHOW(unlink("/tmp/contents"));
    SHOW(write(file, "still there", 11));
    SHOW(lseek(file, 0, SEEK_END));
    close(file);
    SHOW(open("/tmp/contents", O_RDONLY));
}

/// Fills the file system, and empties it again.
static void limit(void) {
    static char block[4096];
    struct statfs statistics;
    memset(block, 'b', sizeof block);
    const int file = open("/tmp/large", O_WRONLY | O_CREAT | O_APPEND, 0600);
    long total = 0;
    for (ssize_t written; (written = write(file, block, sizeof block)) > 0;) total += written;
    printf("full: %s\n", strerror(errno));
    statfs("/tmp", &statistics);
    printf("statfs: type %lx, %lu blocks, %lu free\n", (unsigned long)statistics.f_type,
           (unsigned long)statistics.f_blocks, (unsigned long)statistics.f_bfree);
    printf("most of it: %d\n", total > 900000);
    SHOW(ftruncate(file, 0));
    SHOW(write(file, block, sizeof block));
    SHOW(unlink("/tmp/large"));
    close(file);
}

static void listing(void) {
    char path[64];
    int seen = 0;
    for (int i = 0; i < 100; ++i) {
        snprintf(path, sizeof path, "/tmp/list-%d", i);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    DIR* folder = opendir("/tmp");
    for (struct dirent* entry; (entry = readdir(folder)) != NULL;) {
        if (strncmp(entry->d_name, "list-", 5) != 0) continue;
        snprintf(path, sizeof path, "/tmp/%.50s", entry->d_name);
        seen += unlink(path) == 0;
    }
    closedir(folder);
    printf("removed while listed: %d\n", seen);
}

int main(void) {
    umask(027);
    names();
    contents();
    limit();
    listing();
    SHOW(chdir("/tmp/folder"));
    printf("%s\n", getcwd(NULL, 0));
    list(".");
    return 0;
}
