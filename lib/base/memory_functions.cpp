// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The memory functions that the compiler and the C++ library call, under their C names: a source of
// freestanding programs, in place of picolibc's, which go byte by byte.
#include "lib/base/byte_loops.hpp"

// The loops must not be turned into calls of the functions that they are.
#pragma GCC optimize("no-tree-loop-distribute-patterns")

using kos::byte_loops::Byte;
namespace byte_loops = kos::byte_loops;

extern "C" {

void* memcpy(void* __restrict destination, const void* __restrict source, std::size_t size) {
    byte_loops::copy_forward(static_cast<Byte*>(destination), static_cast<const Byte*>(source),
                             size);
    return destination;
}

void* memmove(void* destination, const void* source, std::size_t size) {
    auto* const to = static_cast<Byte*>(destination);
    const auto* const from = static_cast<const Byte*>(source);
    if (to < from) {
        byte_loops::copy_forward(to, from, size);
    } else {
        byte_loops::copy_backward(to, from, size);
    }
    return destination;
}

void* memset(void* destination, int value, std::size_t size) {
    byte_loops::fill(static_cast<Byte*>(destination), static_cast<Byte>(value), size);
    return destination;
}

int memcmp(const void* a, const void* b, std::size_t size) {
    return byte_loops::compare(static_cast<const Byte*>(a), static_cast<const Byte*>(b), size);
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
