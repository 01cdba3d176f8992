// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The system and its limits: layouts of Linux on aarch64 (uname(2), sysinfo(2), getrlimit(2),
// getrusage(2), prctl(2)).
#pragma once

#include "libos/abi/time.hpp"

#include <array>
#include <cstdint>

namespace kos::libos::abi {

struct UtsName {
    using Field = std::array<char, 65>;
    Field system, node, release, version, machine, domain;
};
static_assert(sizeof(UtsName) == 390);

struct SystemInfo {
    std::int64_t uptime;                 // 0x00: seconds
    std::array<std::uint64_t, 3> loads;  // 0x08
    std::uint64_t total_memory;          // 0x20
    std::uint64_t free_memory;           // 0x28
    std::uint64_t shared_memory;         // 0x30
    std::uint64_t buffer_memory;         // 0x38
    std::uint64_t total_swap;            // 0x40
    std::uint64_t free_swap;             // 0x48
    std::uint16_t processes;             // 0x50
    std::uint16_t padding;               // 0x52
    std::uint32_t padding2;              // 0x54
    std::uint64_t total_high;            // 0x58
    std::uint64_t free_high;             // 0x60
    std::uint32_t unit;                  // 0x68: bytes
    std::uint32_t padding3;              // 0x6c
};
static_assert(sizeof(SystemInfo) == 0x70);

enum class LimitKind : int {
    Cpu = 0,
    FileSize = 1,
    Data = 2,
    Stack = 3,
    Core = 4,
    ResidentSet = 5,
    Processes = 6,
    Files = 7,
    LockedMemory = 8,
    AddressSpace = 9,
    Last = 15,
};
struct Limit {
    static constexpr std::uint64_t infinity = ~std::uint64_t{0};
    std::uint64_t current;
    std::uint64_t maximum;
};

struct ResourceUsage {
    TimeVal user;
    TimeVal system;
    std::array<std::int64_t, 14> counters;
};
static_assert(sizeof(ResourceUsage) == 144);

enum class ProcessControl : int {
    SetDeathSignal = 1,
    GetDeathSignal = 2,
    GetDumpable = 3,
    SetDumpable = 4,
    SetName = 15,
    GetName = 16,
    SetNoNewPrivileges = 38,
    GetNoNewPrivileges = 39,
    SetVirtualMemoryName = 0x53564d41,
};

}  // namespace kos::libos::abi
