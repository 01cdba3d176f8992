// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Files by descriptor: opening, whole-file reads and writes, atomic replacement.
//
// Every descriptor opened here is close-on-exec. Paths are relative to a directory descriptor
// (AT_FDCWD for the working directory).
#pragma once

#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"

#include <cstdint>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace kos::sys {

[[nodiscard]] Result<UniqueFd> open(Fd directory, const char* path, int flags, mode_t mode = 0);

/// openat2(2); `resolve` is made of RESOLVE_* flags. ENOSYS where the kernel or a filter has none.
[[nodiscard]] Result<UniqueFd> open_resolved(Fd directory, const char* path, int flags,
                                             std::uint64_t resolve, mode_t mode = 0);

[[nodiscard]] Result<struct stat> stat(Fd directory, const char* path, int flags = 0);

/// Of the open file itself, O_PATH descriptors included.
[[nodiscard]] Result<struct stat> stat(Fd fd);

/// Of a link, or of the link that an O_PATH descriptor refers to when `path` is empty.
[[nodiscard]] Result<std::string> read_link(Fd directory, const char* path);

/// The filesystem type magic (statfs f_type) of what `fd` refers to.
[[nodiscard]] Result<std::uint64_t> filesystem_type(Fd fd);

struct Pipe {
    UniqueFd read, write;
};
[[nodiscard]] Result<Pipe> make_pipe();

/// From the current offset to the end of the file.
[[nodiscard]] Result<std::string> read_all(Fd fd);
[[nodiscard]] Result<std::string> read_file(Fd directory, const char* path);

/// All of `text`, however many writes it takes.
[[nodiscard]] Result<void> write_all(Fd fd, std::string_view text);

/// Opens an existing file (of procfs, cgroupfs, …) and writes `text` with a single write(2).
[[nodiscard]] Result<void> write_file(Fd directory, const char* path, std::string_view text);

/// Replaces `name` in `directory` with a file that holds `text`: readers see the old or the new
/// one, whole.
[[nodiscard]] Result<void> replace_file(Fd directory, const char* name, std::string_view text,
                                        mode_t mode);

/// mkdir -p. Components that exist are left as they are.
[[nodiscard]] Result<void> make_directories(const std::string& path, mode_t mode);

/// O_NONBLOCK for the open file, whoever else has it.
[[nodiscard]] Result<void> do_not_block(Fd fd);

/// "/proc/self/fd/N": for calls that take no descriptor. Only where /proc is trusted.
[[nodiscard]] std::string path_of(Fd fd);

/// Removes a directory and all below it, crossing no mount point and following no link.
[[nodiscard]] Result<void> remove_tree(Fd directory, const char* name);

}  // namespace kos::sys
