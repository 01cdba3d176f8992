// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A simulated VSpace in the test's own address space: frames of the memfd lie at base + address,
// with the rights that their mapping gives; everything else faults.
#pragma once

#include "hostsim/kernel/hooks.hpp"
#include "hostsim/kernel/physical_memory.hpp"
#include "lib/base/address.hpp"

#include <cstddef>
#include <cstdint>

namespace kos::inprocess {

class Arena {
   public:
    /// Addresses below this one can be reached (native apps end here).
    static constexpr std::uint64_t size = std::uint64_t{1} << 39;

    explicit Arena(const sim::PhysicalMemory& memory);
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    ~Arena();

    void map(VirtualAddress address, const sim::Mapping& mapping);
    void unmap(VirtualAddress address, std::uint64_t bytes);
    /// Where `address` lies; panics beyond the arena.
    [[nodiscard]] std::byte* at(VirtualAddress address) const;

   private:
    const sim::PhysicalMemory& memory_;
    std::byte* base_;
};

}  // namespace kos::inprocess
