// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a guest prints, by either console, in one piece a line: each costs a call of the root
// server.
#pragma once

#include "vmm/machine/early_console.hpp"
#include "vmm/virtio/console/host.hpp"

#include <array>

namespace kos::vmm {

class GuestOutput final : public ConsoleOutput, public virtio::ConsoleHost {
   public:
    /// \p sink outlives it.
    explicit GuestOutput(ConsoleOutput& sink) : sink_(sink) {}

    void write(Bytes bytes) override;
    void output(unsigned port, Bytes bytes) override;
    /// Hands on what is not a line yet.
    void flush();

   private:
    ConsoleOutput& sink_;
    std::array<std::byte, 512> line_{};
    std::size_t used_ = 0;
};

}  // namespace kos::vmm
