// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the memory functions of C do, word by word where both sides allow it: vector registers,
// which a C library would use, belong to the app where libos runs. memory_functions.cpp gives them
// their names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace kos::byte_loops {

using Byte = unsigned char;

using WideWord = std::uint64_t;
/// What the main loops move at a time: four instructions that load or store two registers.
inline constexpr std::size_t block_size = 8 * sizeof(WideWord);

inline WideWord load(const Byte* from) {
    WideWord word;
    __builtin_memcpy(&word, from, sizeof word);
    return word;
}
inline void store(Byte* to, WideWord word) { __builtin_memcpy(to, &word, sizeof word); }

/// Unrolled, whatever the compiler is told to optimise for.
template <class Visit>
inline void for_each_word_of_a_block(Visit visit) {
    [&]<std::size_t... i>(std::index_sequence<i...>) { (visit(i * sizeof(WideWord)), ...); }
    (std::make_index_sequence<block_size / sizeof(WideWord)>{});
}

/// Bytes until `address` is aligned to a word, at most `size`.
inline std::size_t bytes_to_alignment(const Byte* address, std::size_t size) {
    const std::size_t bytes = -reinterpret_cast<std::uintptr_t>(address) % sizeof(WideWord);
    return bytes < size ? bytes : size;
}

/// memcpy(3), and memmove(3) where `to` lies before `from`: every word is read before it is
/// written over. Unaligned loads are fine on normal memory; stores are aligned.
inline void copy_forward(Byte* to, const Byte* from, std::size_t size) {
    for (std::size_t rest = bytes_to_alignment(to, size); rest > 0; --rest, --size) {
        *to++ = *from++;
    }
    for (; size >= block_size; size -= block_size, to += block_size, from += block_size) {
        for_each_word_of_a_block([&](std::size_t at) { store(to + at, load(from + at)); });
    }
    for (; size >= sizeof(WideWord); size -= sizeof(WideWord)) {
        store(to, load(from));
        to += sizeof(WideWord);
        from += sizeof(WideWord);
    }
    while (size-- > 0) *to++ = *from++;
}

/// memmove(3) where `to` lies behind `from`.
inline void copy_backward(Byte* to, const Byte* from, std::size_t size) {
    for (; size >= sizeof(WideWord); size -= sizeof(WideWord)) {
        store(to + size - sizeof(WideWord), load(from + size - sizeof(WideWord)));
    }
    while (size > 0) {
        --size;
        to[size] = from[size];
    }
}

inline void fill(Byte* to, Byte value, std::size_t size) {
    const WideWord word = 0x0101010101010101u * value;
    for (std::size_t rest = bytes_to_alignment(to, size); rest > 0; --rest, --size) *to++ = value;
    for (; size >= block_size; size -= block_size, to += block_size) {
        for_each_word_of_a_block([&](std::size_t at) { store(to + at, word); });
    }
    for (; size >= sizeof(WideWord); size -= sizeof(WideWord), to += sizeof(WideWord)) {
        store(to, word);
    }
    while (size-- > 0) *to++ = value;
}

/// memcmp(3).
inline int compare(const Byte* a, const Byte* b, std::size_t size) {
    for (; size >= sizeof(WideWord) && load(a) == load(b); size -= sizeof(WideWord)) {
        a += sizeof(WideWord);
        b += sizeof(WideWord);
    }
    for (; size > 0; --size, ++a, ++b) {
        if (*a != *b) return *a - *b;
    }
    return 0;
}

}  // namespace kos::byte_loops
