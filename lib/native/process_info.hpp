// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the root server tells libos about its app: one read-only page at process_info_address.
#pragma once

#include "lib/base/address.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kos::native {

/// A NUL-terminated string at `offset` in the page.
struct InfoString {
    std::uint32_t offset;
    std::uint32_t length;  ///< bytes without the NUL
};

struct ProcessInfo {
    static constexpr std::uint64_t expected_magic = 0x4f464e494e534f4b;  // "KOSNINFO"

    std::uint64_t magic;                // 0x00
    std::uint64_t program_entry;        // 0x08: where the app starts
    std::uint64_t program_sp;           // 0x10: its stack pointer: argc, argv, environment, auxv
    std::uint64_t brk_base;             // 0x18
    std::uint64_t brk_limit;            // 0x20
    std::uint64_t initrd_address;       // 0x28
    std::uint64_t initrd_size;          // 0x30: bytes
    std::uint64_t heap_pages;           // 0x38: pages that the app may commit in all
    std::uint64_t threads;              // 0x40: most threads at once
    std::uint64_t user;                 // 0x48
    std::uint64_t group;                // 0x50
    std::uint64_t realtime_offset;      // 0x58: ns since 1970 at counter value 0
    std::uint64_t counter_hz;           // 0x60: of the counter
    std::array<std::uint8_t, 32> seed;  // 0x68: of the random generator, unpredictable
    InfoString working_directory;       // 0x88
    InfoString executable;              // 0x90: path in the root file system
    InfoString host_name;               // 0x98
    std::uint64_t argc;                 // 0xa0
    std::uint64_t argv;                 // 0xa8: address of argv[0] on the stack
    std::uint64_t virtual_counter;      // 0xb0: 1: read CNTVCT_EL0; 0: CNTPCT_EL0
    std::uint64_t start_number;         // 0xb8: how often the app was started before
    std::uint64_t message_servers;      // 0xc0: how many (lib/message/layout.hpp)
    char text[page_size - 0xc8];        // 0xc8: the strings
};
static_assert(offsetof(ProcessInfo, seed) == 0x68 && offsetof(ProcessInfo, text) == 0xc8 &&
              sizeof(ProcessInfo) == page_size);

}  // namespace kos::native
