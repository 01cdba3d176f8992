// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The memory functions that the compiler and the C++ library call. Word by word where both sides
// allow it: vector registers, which a C library would use, belong to the app.
#include <cstddef>
#include <cstdint>

namespace {

using Word [[gnu::may_alias]] = std::uint64_t;
using Byte = unsigned char;

bool words_fit(const void* a, const void* b) {
    return ((reinterpret_cast<std::uintptr_t>(a) | reinterpret_cast<std::uintptr_t>(b)) &
            (sizeof(Word) - 1)) == 0;
}

}  // namespace

// The loops must not be turned into calls of the functions that they are.
#pragma GCC optimize("no-tree-loop-distribute-patterns")

extern "C" {

void* memcpy(void* __restrict destination, const void* __restrict source, std::size_t size) {
    auto* to = static_cast<Byte*>(destination);
    const auto* from = static_cast<const Byte*>(source);
    // Unaligned words are fine on normal memory; aligning the stores keeps them cheap.
    while (size > 0 && !words_fit(to, nullptr)) {
        *to++ = *from++;
        --size;
    }
    for (; size >= sizeof(Word); size -= sizeof(Word)) {
        Word word;
        __builtin_memcpy(&word, from, sizeof word);
        *reinterpret_cast<Word*>(to) = word;
        to += sizeof(Word);
        from += sizeof(Word);
    }
    while (size-- > 0) *to++ = *from++;
    return destination;
}

void* memmove(void* destination, const void* source, std::size_t size) {
    auto* to = static_cast<Byte*>(destination);
    const auto* from = static_cast<const Byte*>(source);
    if (to <= from || to >= from + size) {
        if (words_fit(to, from)) {
            for (; size >= sizeof(Word); size -= sizeof(Word)) {
                *reinterpret_cast<Word*>(to) = *reinterpret_cast<const Word*>(from);
                to += sizeof(Word);
                from += sizeof(Word);
            }
        }
        for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
    } else {
        if (words_fit(to + size, from + size)) {
            for (; size >= sizeof(Word); size -= sizeof(Word)) {
                *reinterpret_cast<Word*>(to + size - sizeof(Word)) =
                    *reinterpret_cast<const Word*>(from + size - sizeof(Word));
            }
        }
        while (size > 0) {
            --size;
            to[size] = from[size];
        }
    }
    return destination;
}

void* memset(void* destination, int value, std::size_t size) {
    auto* to = static_cast<Byte*>(destination);
    const auto byte = static_cast<Byte>(value);
    const Word word = 0x0101010101010101u * byte;
    while (size > 0 && !words_fit(to, nullptr)) {
        *to++ = byte;
        --size;
    }
    for (; size >= sizeof(Word); size -= sizeof(Word)) {
        *reinterpret_cast<Word*>(to) = word;
        to += sizeof(Word);
    }
    while (size-- > 0) *to++ = byte;
    return destination;
}

int memcmp(const void* a, const void* b, std::size_t size) {
    const auto* first = static_cast<const Byte*>(a);
    const auto* second = static_cast<const Byte*>(b);
    for (std::size_t i = 0; i < size; ++i) {
        if (first[i] != second[i]) return first[i] - second[i];
    }
    return 0;
}

void* memchr(const void* memory, int value, std::size_t size) {
    const auto* bytes = static_cast<const Byte*>(memory);
    for (std::size_t i = 0; i < size; ++i) {
        if (bytes[i] == static_cast<Byte>(value)) return const_cast<Byte*>(bytes + i);
    }
    return nullptr;
}

std::size_t strlen(const char* text) {
    std::size_t length = 0;
    while (text[length] != '\0') ++length;
    return length;
}

}  // extern "C"
