// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A kernel for tests that knows untypeds only: it answers Untyped_Retype (to untypeds) and
// CNode_Revoke as seL4 does, and can refuse a call. It defines lib/sel4/syscall.hpp's `call`.
#pragma once

#include "lib/sel4/types.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace kos::caps::testing {

class FakeKernel {
   public:
    struct Untyped {
        unsigned size_bits;
        std::uint64_t parent;  ///< slot, 0 for those of the boot information
    };

    FakeKernel();
    ~FakeKernel();
    FakeKernel(const FakeKernel&) = delete;
    FakeKernel& operator=(const FakeKernel&) = delete;

    void add(std::uint64_t slot, unsigned size_bits) { untypeds_[slot] = {size_bits, 0}; }
    /// The call of that number, counted from 0, is refused.
    void refuse(std::uint64_t number) { refused_ = number; }
    [[nodiscard]] std::uint64_t calls() const { return calls_; }
    [[nodiscard]] std::size_t untypeds() const { return untypeds_.size(); }

    sel4::Error answer(std::uint64_t invocation, std::uint64_t target,
                       const std::uint64_t (&words)[6]);

   private:
    sel4::Error retype(std::uint64_t target, unsigned size_bits, std::uint64_t first_slot,
                       std::uint64_t count);
    void delete_children(std::uint64_t slot);

    std::map<std::uint64_t, Untyped> untypeds_;
    std::optional<std::uint64_t> refused_;
    std::uint64_t calls_ = 0;
};

}  // namespace kos::caps::testing
