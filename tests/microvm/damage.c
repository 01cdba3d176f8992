// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Preloaded into kos, damages the squashfs images that it packs: what libsquashfs has compressed
// loses the mark that it begins with. KOS_DAMAGE=data: blocks of files in which DAMAGE stands;
// KOS_DAMAGE=metadata: blocks of the size of metadata.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef size_t Compress(void*, void*, size_t, const void*, size_t, int);

size_t ZSTD_compressCCtx(void* context, void* target, size_t capacity, const void* source,
                         size_t size, int level) {
    const size_t largest_metadata = 8192;
    Compress* compress = (Compress*)dlsym(RTLD_NEXT, "ZSTD_compressCCtx");
    const size_t made = compress(context, target, capacity, source, size, level);
    const char* what = getenv("KOS_DAMAGE");
    const int is_metadata = size <= largest_metadata;
    const int is_meant =
        what != NULL &&
        (strcmp(what, "metadata") == 0 ? is_metadata
                                       : !is_metadata && memmem(source, size, "DAMAGE", 6) != NULL);
    if (is_meant && made >= 4 && made < capacity) memset(target, 0, 4);
    return made;
}
