// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Linux's error numbers on aarch64 (errno(3)), those that libos answers.
#pragma once

#include <cstdint>

namespace kos::libos {

enum class Errno : std::uint16_t {
    Eperm = 1,
    Enoent = 2,
    Esrch = 3,
    Eintr = 4,
    Eio = 5,
    Enxio = 6,
    E2big = 7,
    Ebadf = 9,
    Echild = 10,
    Eagain = 11,
    Enomem = 12,
    Eacces = 13,
    Efault = 14,
    Ebusy = 16,
    Eexist = 17,
    Exdev = 18,
    Enodev = 19,
    Enotdir = 20,
    Eisdir = 21,
    Einval = 22,
    Enfile = 23,
    Emfile = 24,
    Enotty = 25,
    Etxtbsy = 26,
    Efbig = 27,
    Enospc = 28,
    Espipe = 29,
    Erofs = 30,
    Emlink = 31,
    Epipe = 32,
    Erange = 34,
    Enametoolong = 36,
    Enosys = 38,
    Enotempty = 39,
    Eloop = 40,
    Enodata = 61,
    Eoverflow = 75,
    Enotsock = 88,
    Emsgsize = 90,
    Eprotonosupport = 93,
    Eopnotsupp = 95,
    Eafnosupport = 97,
    Eaddrinuse = 98,
    Eaddrnotavail = 99,
    Enetunreach = 101,
    Econnreset = 104,
    Enobufs = 105,
    Eisconn = 106,
    Enotconn = 107,
    Etimedout = 110,
    Econnrefused = 111,
};

}  // namespace kos::libos
