// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A VSpace as host memory: a reservation of 2^39 bytes in which frames lie where the VSpace maps
// them, with the same rights. Compiled code adds the arena's base to an address and accesses it;
// what is not mapped is a host fault that the JIT turns into a callback.
#pragma once

#include "lib/base/address.hpp"
#include "lib/base/result.hpp"

#include <cstddef>
#include <cstdint>

namespace kos::sim {

/// What a page of an arena allows the host. Nothing is ever executable: instructions are
/// translated.
enum class HostAccess : std::uint8_t { None, Read, ReadWrite };

/// A range of a file that holds physical memory.
struct FileRange {
    int fd;
    std::uint64_t offset;  ///< bytes; page-aligned
    std::uint64_t size;    ///< likewise
};

enum class ArenaError : std::uint8_t { HostMemory };

class Arena {
   public:
    static constexpr unsigned address_bits = 39;
    static constexpr std::uint64_t size = std::uint64_t{1} << address_bits;

    [[nodiscard]] static Result<Arena, ArenaError> create();

    Arena(Arena&& other) noexcept;
    Arena& operator=(Arena&&) = delete;
    ~Arena();

    /// Puts `range` at `address`. False where it does not lie in the arena or the host refuses (too
    /// many mappings): the range is inaccessible then, and the JIT's callbacks serve it.
    bool map(VirtualAddress address, FileRange range, HostAccess access);
    void unmap(VirtualAddress address, std::uint64_t bytes);
    void unmap_all();

    [[nodiscard]] std::byte* base() const { return base_; }

   private:
    explicit Arena(std::byte* base) : base_(base) {}

    std::byte* base_;
};

}  // namespace kos::sim
