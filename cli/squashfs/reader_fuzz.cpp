// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any bytes as a squashfs image: its files and directories are read or refused, and none is larger
// than allowed.
#include "cli/squashfs/reader.hpp"

#include "lib/base/panic.hpp"

#include <algorithm>
#include <cstdint>

namespace {

using namespace kos;  // NOLINT(google-build-using-namespace): a program's own file

/// Directories may contain one another, and the same file may have many names.
constexpr int deepest = 4;
constexpr std::size_t names_followed = 16;

void read(squashfs::Reader& reader, const std::string& path, int depth) {
    const auto content = reader.content(path);
    if (content && *content && (*content)->size() > squashfs::largest_file) {
        panic("a file is larger than allowed");
    }
    if (depth == deepest) return;
    const auto names = reader.names(path);
    if (!names) return;
    if (names->size() > squashfs::most_names) panic("a directory has more names than allowed");
    if (!std::ranges::is_sorted(*names)) panic("names are out of order");
    for (std::size_t number = 0; number < std::min(names->size(), names_followed); ++number) {
        read(reader, path + "/" + (*names)[number], depth + 1);
    }
}

}  // namespace

/// For a file of any size that an inode claims, libsquashfs reserves a list of its blocks, which it
/// does not touch before it has found that there are none: such a list does not fit.
extern "C" const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
    return "allocator_may_return_null=1:max_allocation_size_mb=1024";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto reader = squashfs::Reader::create(std::as_bytes(std::span{data, size}));
    if (reader) read(*reader, "", 0);
    return 0;
}
