// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where accesses to physical addresses without RAM go: the machine's device models.
#pragma once

#include "lib/base/address.hpp"

#include <cstdint>
#include <optional>

namespace kos::sim {

class DeviceBus {
   public:
    virtual ~DeviceBus() = default;
    /// `bytes` is 1, 2, 4, 8 or, of a vector register, 16 as two reads of 8. Nothing where no
    /// device answers: the access ends in a synchronous external abort.
    virtual std::optional<std::uint64_t> read(PhysicalAddress address, unsigned bytes) = 0;
    /// False where no device answers.
    virtual bool write(PhysicalAddress address, unsigned bytes, std::uint64_t value) = 0;
};

}  // namespace kos::sim
