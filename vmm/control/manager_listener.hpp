// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a guest's control service tells, handed to the root server.
#pragma once

#include "vmm/control/guest_control.hpp"
#include "vmm/manager/manager.hpp"

namespace kos::vmm {

class ManagerListener final : public GuestListener {
   public:
    /// \p manager outlives this.
    explicit ManagerListener(const Manager& manager) : manager_(manager) {}

    void container_output(bool is_error, Bytes bytes) override { manager_.write(bytes, is_error); }
    void container_ready() override { manager_.ready(); }
    void log(std::string_view text) override {
        while (text.ends_with('\n')) text.remove_suffix(1);
        manager_.log(text);
    }

   private:
    const Manager& manager_;
};

/// Passes on what the root server was told for the container.
inline void pass_signals(const Manager& manager, GuestControl& control) {
    const std::uint64_t signals = manager.take_signals();
    for (std::uint32_t number = 1; number <= 64; ++number) {
        if ((signals >> (number - 1) & 1) != 0) control.signal(number);
    }
}

}  // namespace kos::vmm
