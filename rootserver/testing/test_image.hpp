// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A small system image for tests: apps whose plans the real planner makes, and whose programs hold
// known bytes instead of instructions.
#pragma once

#include "lib/base/address.hpp"
#include "lib/manifest/image.hpp"
#include "loader/plan/native.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kos::rootserver::testing {

struct TestApp {
    std::vector<std::string> arguments{"/program", "argument"};
    std::vector<std::string> environment{"NAME=VALUE"};
    std::uint32_t threads = 2;
    std::uint32_t heap_pages = 24;
    /// Of the first app counts: all have the same. From 2 MiB on it is mapped by large pages.
    std::uint64_t initrd_bytes = 3 * page_size;
    manifest::RestartPolicy restart = manifest::RestartPolicy::No;
    std::uint32_t restart_limit = 0;
    std::uint32_t restart_delay = 0;
    std::uint32_t restart_delay_most = 0;
    std::uint32_t restart_window = 0;
    std::string name = "app";
    std::string host = "host";
    std::vector<manifest::Dependency> depends_on{};
    manifest::Readiness readiness = manifest::Readiness::None;
    std::uint32_t ready_within = 0;
    std::uint32_t stop_grace = 10'000;
    std::uint32_t period = 10'000;
    /// A message server of all apps behind it, which are native; most of the above does not count.
    bool is_message_server = false;
};

/// \p flags: manifest::dependency_flag.
[[nodiscard]] inline manifest::Dependency depends_on(
    std::uint32_t app, manifest::Condition condition,
    std::uint8_t flags = manifest::dependency_flag::required) {
    return {.app = app,
            .condition = static_cast<std::uint8_t>(condition),
            .flags = flags,
            .reserved = {}};
}

// What the programs of all apps look like.
inline constexpr VirtualAddress program_text = native::dynamic_image_base;      // 2 pages, shared
inline constexpr VirtualAddress program_data = program_text + 2 * page_size;    // 3 pages: 1.5 of
inline constexpr std::uint64_t program_data_bytes = page_size + page_size / 2;  // the file, zeros
inline constexpr VirtualAddress libos_text = native::libos_base;                // 1 page
inline constexpr VirtualAddress libos_start = libos_text + 0x100;
inline constexpr VirtualAddress libos_thread_start = libos_text + 0x200;

/// Byte \p offset of the program's file, and of the initrd.
[[nodiscard]] constexpr std::byte program_byte(std::uint64_t offset) {
    return static_cast<std::byte>(offset * 7 + offset / page_size + 1);
}

/// The image's bytes. Symbols: "start" at program_text, "middle" 0x100 behind it.
/// \p flags: manifest::system_flag.
[[nodiscard]] std::vector<std::byte> make_test_image(const std::vector<TestApp>& apps,
                                                     std::uint32_t flags = 0);

}  // namespace kos::rootserver::testing
