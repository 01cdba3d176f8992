// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A PL011 (Arm DDI 0183) that sends and is never busy: enough for Linux's `earlycon`.
#pragma once

#include "lib/base/bytes.hpp"

#include <cstdint>

namespace kos::vmm {

/// Where a guest's console output goes.
class ConsoleOutput {
   public:
    virtual void write(Bytes bytes) = 0;

   protected:
    ~ConsoleOutput() = default;
};

class EarlyConsole {
   public:
    /// \p output outlives it.
    explicit EarlyConsole(ConsoleOutput& output) : output_(output) {}

    [[nodiscard]] static std::uint64_t read(std::uint64_t offset);
    void write(std::uint64_t offset, std::uint64_t value);

   private:
    ConsoleOutput& output_;
};

}  // namespace kos::vmm
