// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a switch does to the world.
#pragma once

#include <cstdint>

namespace kos::netswitch {

class Host {
   public:
    /// There is something for the VMM, which sleeps.
    virtual void wake(std::uint32_t member) = 0;
    /// The VMM put what can be no packet: its port is closed until it attaches anew.
    virtual void broke(std::uint32_t member) = 0;

   protected:
    ~Host() = default;
};

}  // namespace kos::netswitch
