// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Memory as a core sees it where the arena does not serve an access: translated page by page,
// checked, then made in RAM or by a device. Remembers the first access of a run that failed.
#pragma once

#include "hostsim/cpu/core.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace kos::sim {

class CoreMemory {
   public:
    void attach(CoreEnvironment* environment);

    /// `bytes` is 1, 2, 4 or 8; any alignment, across pages too. Nothing where the access aborts.
    std::optional<std::uint64_t> read(VirtualAddress address, unsigned bytes);
    bool write(VirtualAddress address, unsigned bytes, std::uint64_t value);
    /// The instruction at `address`; nothing where it may not be fetched.
    std::optional<std::uint32_t> fetch(VirtualAddress address);

    /// The access that failed since the last call, if one did.
    std::optional<Trap> take_abort();
    /// Why `address` cannot be fetched.
    Trap fetch_abort(VirtualAddress address);

    /// CNTPCT_EL0 after `instructions` of this run.
    std::uint64_t counter(std::uint64_t instructions);

    /// Pages that instructions were fetched from, by address, and where each lay.
    using CodePages = std::map<VirtualAddress, PhysicalAddress>;
    CodePages& code_pages() { return code_pages_; }

   private:
    std::optional<PhysicalAddress> translate(VirtualAddress address, bool is_write);
    void abort(VirtualAddress address, bool is_write, AbortCause cause);

    CoreEnvironment* environment_ = nullptr;
    std::optional<Trap> abort_;
    CodePages code_pages_;
};

}  // namespace kos::sim
