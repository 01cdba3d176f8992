// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a Linux program finds on its stack when it starts.
//
//   SP → argc | argv[0…] 0 | envp[0…] 0 | auxv (type, value)… 0 0 | padding
//        AT_RANDOM's 16 bytes | "aarch64" | executable | argument and environment strings | top
//
// Source: System V ABI (gABI and AArch64 supplement), Linux's auxvec.h. AT_SYSINFO_EHDR is left
// out: there is no vDSO.
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace kos::plan {

/// A list of strings, however its owner stores them: string `index` is `at(owner, index)`, without
/// a NUL.
struct StringSource {
    std::size_t count;
    const void* owner;
    std::string_view (*at)(const void* owner, std::size_t index);

    [[nodiscard]] std::string_view operator[](std::size_t index) const { return at(owner, index); }
};

/// The list in an array of string views, which outlives the source.
[[nodiscard]] inline StringSource string_source(std::span<const std::string_view> strings) {
    return {strings.size(), strings.data(), [](const void* owner, std::size_t index) {
                return static_cast<const std::string_view*>(owner)[index];
            }};
}

struct InitialStack {
    StringSource arguments;
    StringSource environment;
    std::string_view executable;  ///< AT_EXECFN
    VirtualAddress entry;
    VirtualAddress program_headers;
    std::uint64_t program_header_size = 0;
    std::uint64_t program_header_count = 0;
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    std::array<std::byte, 16> random{};  ///< AT_RANDOM
};

enum class StackError : std::uint8_t {
    TooSmall,  ///< the stack does not hold all of it
};

struct StackPointers {
    VirtualAddress stack_pointer;  ///< 16-byte aligned; argc is here
    VirtualAddress arguments;      ///< of argv[0]
};

/// AT_HWCAP: what every supported core has (Cortex-A53): fp, asimd, aes, pmull, sha1, sha2, crc32.
/// No LSE atomics.
inline constexpr std::uint64_t hardware_capabilities =
    1u << 0 | 1u << 1 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 7;

/// Bytes that it takes, at most.
[[nodiscard]] std::uint64_t initial_stack_bytes(const InitialStack& contents);

/// Writes it at the end of \p stack, which will be mapped so that its end is at \p top (a multiple
/// of 16).
[[nodiscard]] Result<StackPointers, StackError> build_initial_stack(const InitialStack& contents,
                                                                    MutableBytes stack,
                                                                    VirtualAddress top);

}  // namespace kos::plan
