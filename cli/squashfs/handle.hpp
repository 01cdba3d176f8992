// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Owners of libsquashfs's objects, and its errors in words.
#pragma once

#include "lib/base/error.hpp"

#include <memory>
#include <sqfs/predef.h>
#include <string>

namespace kos::squashfs {

struct DestroyObject {
    void operator()(void* object) const { sqfs_destroy(object); }
};

/// An object that libsquashfs reference-counts through its sqfs_object_t head.
template <class T>
using Handle = std::unique_ptr<T, DestroyObject>;

struct FreeMemory {
    void operator()(void* memory) const { sqfs_free(memory); }
};

/// Memory that libsquashfs allocated.
template <class T>
using Allocation = std::unique_ptr<T, FreeMemory>;

/// KOS-E-SQUASHFS with what libsquashfs's number \p result means (sqfs/error.h).
[[nodiscard]] Err<Error> failure(int result, const std::string& where);

/// Success for a \p result of zero or above.
[[nodiscard]] Outcome<void> check(int result, const std::string& where);

/// \p handle, or KOS-E-SQUASHFS where libsquashfs could not allocate it.
template <class T>
Outcome<Handle<T>> created(T* handle, const std::string& what) {
    if (handle == nullptr) return fail(ErrorCode::Squashfs, what, "out of memory");
    return Handle<T>{handle};
}

}  // namespace kos::squashfs
