// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Opening, seeking, reading directories and describing files: constants and layouts of Linux on
// aarch64 (open(2), fcntl(2), stat(2), statx(2), getdents64(2), statfs(2)).
#pragma once

#include "libos/abi/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kos::libos::abi {

namespace open_flag {
inline constexpr unsigned access_mode = 3, read_only = 0, write_only = 1, read_write = 2,
                          create = 0100, exclusive = 0200, truncate = 01000, append = 02000,
                          nonblock = 04000, directory = 040000, no_follow = 0100000,
                          close_on_exec = 02000000, path = 010000000, temporary = 020000000;
/// The flags that fcntl(F_SETFL) changes.
inline constexpr unsigned settable = append | nonblock;
}  // namespace open_flag

namespace mode {
inline constexpr std::uint32_t type_mask = 0170000, socket = 0140000, link = 0120000,
                               regular = 0100000, block = 0060000, directory = 0040000,
                               character = 0020000, fifo = 0010000, permissions = 07777;
}

namespace fcntl_command {
inline constexpr int duplicate = 0, get_descriptor_flags = 1, set_descriptor_flags = 2,
                     get_status_flags = 3, set_status_flags = 4, get_lock = 5, set_lock = 6,
                     set_lock_wait = 7, duplicate_close_on_exec = 1030, set_pipe_size = 1031,
                     get_pipe_size = 1032;
inline constexpr unsigned close_on_exec = 1;
}  // namespace fcntl_command

namespace at_flag {
inline constexpr int working_directory = -100;
inline constexpr unsigned no_follow = 0x100, effective_access = 0x200, no_automount = 0x800,
                          empty_path = 0x1000, statx_sync = 0x6000, remove_directory = 0x200,
                          follow = 0x400;
}  // namespace at_flag

namespace rename_flag {
inline constexpr unsigned no_replace = 1;
}

/// In place of nanoseconds, for utimensat(2).
inline constexpr std::int64_t time_now = 0x3fffffff, time_omit = 0x3ffffffe;

namespace access_mode {
inline constexpr unsigned execute = 1, write = 2, read = 4;
}

enum class Whence : int { Set = 0, Current = 1, End = 2, Data = 3, Hole = 4 };

/// struct stat of asm-generic.
struct Stat {
    std::uint64_t device;                 // 0x00
    std::uint64_t inode;                  // 0x08
    std::uint32_t mode;                   // 0x10
    std::uint32_t links;                  // 0x14
    std::uint32_t user;                   // 0x18
    std::uint32_t group;                  // 0x1c
    std::uint64_t special_device;         // 0x20
    std::uint64_t padding;                // 0x28
    std::int64_t size;                    // 0x30
    std::int32_t block_size;              // 0x38
    std::int32_t padding2;                // 0x3c
    std::int64_t blocks;                  // 0x40: of 512 bytes
    TimeSpec accessed;                    // 0x48
    TimeSpec modified;                    // 0x58
    TimeSpec changed;                     // 0x68
    std::array<std::uint32_t, 2> unused;  // 0x78
};
static_assert(sizeof(Stat) == 0x80 && offsetof(Stat, accessed) == 0x48);

struct StatxTime {
    std::int64_t seconds;
    std::uint32_t nanoseconds;
    std::int32_t reserved;
};

struct Statx {
    static constexpr std::uint32_t basic = 0x7ff;  ///< every field but the time of birth

    std::uint32_t mask;                    // 0x00
    std::uint32_t block_size;              // 0x04
    std::uint64_t attributes;              // 0x08
    std::uint32_t links;                   // 0x10
    std::uint32_t user;                    // 0x14
    std::uint32_t group;                   // 0x18
    std::uint16_t mode;                    // 0x1c
    std::uint16_t padding;                 // 0x1e
    std::uint64_t inode;                   // 0x20
    std::uint64_t size;                    // 0x28
    std::uint64_t blocks;                  // 0x30
    std::uint64_t attributes_mask;         // 0x38
    StatxTime accessed;                    // 0x40
    StatxTime born;                        // 0x50
    StatxTime changed;                     // 0x60
    StatxTime modified;                    // 0x70
    std::uint32_t special_device_major;    // 0x80
    std::uint32_t special_device_minor;    // 0x84
    std::uint32_t device_major;            // 0x88
    std::uint32_t device_minor;            // 0x8c
    std::array<std::uint64_t, 14> unused;  // 0x90
};
static_assert(sizeof(Statx) == 0x100);

/// struct linux_dirent64 without its name, which follows at 0x13.
struct DirectoryEntry {
    static constexpr std::size_t name_offset = 0x13;
    static constexpr std::uint8_t directory = 4, regular = 8, link = 10, character = 2, fifo = 1,
                                  block = 6, socket = 12;

    std::uint64_t inode;         // 0x00
    std::int64_t next_position;  // 0x08
    std::uint16_t length;        // 0x10: of the entry, a multiple of eight
    std::uint8_t type;           // 0x12
};

struct StatFs {
    std::int64_t type;                  // 0x00
    std::int64_t block_size;            // 0x08
    std::uint64_t blocks;               // 0x10
    std::uint64_t blocks_free;          // 0x18
    std::uint64_t blocks_available;     // 0x20
    std::uint64_t files;                // 0x28
    std::uint64_t files_free;           // 0x30
    std::uint64_t id;                   // 0x38
    std::int64_t name_length;           // 0x40
    std::int64_t fragment_size;         // 0x48
    std::int64_t flags;                 // 0x50
    std::array<std::int64_t, 4> spare;  // 0x58
};
static_assert(sizeof(StatFs) == 0x78);

struct IoVector {
    std::uint64_t base;
    std::uint64_t length;
};
inline constexpr std::uint64_t io_vector_max = 1024;

inline constexpr std::uint64_t path_max = 4096;
inline constexpr std::uint64_t name_max = 255;
/// Most bytes that one read or write moves.
inline constexpr std::uint64_t transfer_max = 0x7fff'f000;

struct PollEntry {
    static constexpr std::uint16_t in = 1, out = 4, error = 8, hang_up = 16, invalid = 32;

    std::int32_t descriptor;
    std::uint16_t requested;
    std::uint16_t returned;
};
static_assert(sizeof(PollEntry) == 8);

struct EpollEvent {  // not packed on aarch64
    std::uint32_t events;
    std::uint32_t padding;
    std::uint64_t data;
};
static_assert(sizeof(EpollEvent) == 16);
enum class EpollOperation : int { Add = 1, Delete = 2, Modify = 3 };

}  // namespace kos::libos::abi
