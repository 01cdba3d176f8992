// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/squashfs/handle.hpp"

#include <array>
#include <cstddef>
#include <sqfs/error.h>
#include <string_view>

namespace kos::squashfs {
namespace {

/// sqfs/error.h, by the number without its sign.
constexpr std::array<std::string_view, 18> meanings{
    "no error",
    "out of memory",
    "input or output failed",
    "the compressor failed",
    "an internal error of libsquashfs",
    "data is corrupted",
    "not supported by libsquashfs",
    "a number is too large",
    "access out of bounds",
    "no squashfs",
    "the version of squashfs is not supported",
    "the super block is damaged",
    "not a directory",
    "no such entry",
    "a link leads in a circle",
    "not a regular file",
    "an argument is not valid",
    "calls out of order",
};

}  // namespace

Err<Error> failure(int result, const std::string& where) {
    const auto number = static_cast<std::size_t>(-static_cast<long>(result));
    return fail(ErrorCode::Squashfs, where,
                std::string{number < meanings.size() ? meanings.at(number) : "an unknown error"});
}

Outcome<void> check(int result, const std::string& where) {
    if (result < 0) return failure(result, where);
    return {};
}

}  // namespace kos::squashfs
