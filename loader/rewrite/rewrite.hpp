// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Rewrites a program's code so that it never traps to the kernel by itself: each `svc` and each
// `msr tpidr_el0, xN` becomes a branch to a stub (lib/native/thread_block.hpp says what stubs do
// and why). Pure: bytes in, bytes out. Four bytes replace four, so no other instruction moves.
//
//   measure   how many sites there are, so how much room the stubs and the undo table need
//   rewrite   alters the code in place, writes stubs and undo table
//   restore   puts the original words back into a copy: for gdb, cores and /proc/self/exe
//
// A site that no branch reaches becomes `udf`, which the manager serves as a fault: a raw `svc`
// never stays. Left alone: `hvc` and `smc`, which are undefined at EL0 anyway.
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/manifest/image.hpp"
#include "loader/rewrite/instruction.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace kos::rewrite {

enum class Error : std::uint8_t {
    Alignment,  ///< a range or the stub area does not start on an instruction
    StubSpace,  ///< the stub area is smaller than measured
    UndoSpace,  ///< the undo table is smaller than measured
};
[[nodiscard]] std::string_view describe(Error error);

/// Instructions as mapped: the words from `address` on. Bytes behind the last whole word are left
/// alone. Data among them must be left out (loader/elf/code.hpp).
struct Code {
    VirtualAddress address;
    MutableBytes bytes;
};

/// Where stubs lie as mapped, and the bytes to fill.
struct StubArea {
    VirtualAddress address;
    MutableBytes bytes;
};

/// What is put in place of sites that no stub reaches; the manager tells them apart by it.
inline constexpr std::uint16_t undefined_system_call = 1;
inline constexpr std::uint16_t undefined_thread_pointer = 2;

struct Counts {
    std::uint32_t system_calls = 0;
    std::uint32_t known_calls = 0;  ///< of these: probably one whose answer is known beforehand
    std::uint32_t thread_pointer_writes = 0;
    std::uint32_t unreachable = 0;  ///< of both: became `udf`

    [[nodiscard]] constexpr std::uint32_t sites() const {
        return system_calls + thread_pointer_writes;
    }
    /// Most bytes that their stubs take.
    [[nodiscard]] std::uint64_t stub_bytes() const;
};

/// The sites in \p code.
[[nodiscard]] Counts measure(std::span<const Code> code);

struct Rewritten {
    Counts counts;
    std::uint64_t stub_bytes;  ///< used of the stub area
};

/// Rewrites \p code, whose ranges must be in ascending order. \p undo takes counts.sites() entries,
/// in ascending order of address.
[[nodiscard]] Result<Rewritten, Error> rewrite(std::span<const Code> code, StubArea stubs,
                                               std::span<manifest::Undo> undo);

/// Puts the original words of \p undo back where \p code holds them.
void restore(std::span<const manifest::Undo> undo, Code code);

}  // namespace kos::rewrite
