// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Memory as a core sees it where the arena does not serve an access: translated page by page,
// checked, then made in RAM or by a device. Remembers the first access of a run that failed.
#pragma once

#include "hostsim/cpu/core.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

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

    /// A page that instructions were fetched from: where it lay, and what it held. What was
    /// compiled of it is good wherever the same bytes lie at its address, also in another VSpace.
    struct CodePage {
        PhysicalAddress frame;
        std::vector<std::byte> bytes{};  ///< empty: it could not be fetched, or does not last
        bool is_doubtful = false;        ///< to be looked at before code runs again
    };
    using CodePages = std::map<VirtualAddress, CodePage>;
    CodePages& code_pages() { return code_pages_; }
    void doubt(VirtualAddress address, std::uint64_t size);
    void doubt_all();
    [[nodiscard]] bool has_doubts() const { return has_doubts_; }
    /// Takes a doubtful page that holds something else by now, or is gone; nothing: there is none.
    std::optional<VirtualAddress> take_stale_page();

   private:
    std::optional<PhysicalAddress> translate(VirtualAddress address, bool is_write);
    void abort(VirtualAddress address, bool is_write, AbortCause cause);

    CoreEnvironment* environment_ = nullptr;
    std::optional<Trap> abort_;
    CodePages code_pages_;
    bool has_doubts_ = false;
};

}  // namespace kos::sim
