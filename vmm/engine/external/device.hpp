// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The VMM's end of the device that runs guests outside (lib/vm/external.hpp).
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/vm/external.hpp"

#include <cstdint>

namespace kos::external {

class Device {
   public:
    /// Where its registers and its windows are mapped.
    Device(std::byte* registers, std::byte* windows) : registers_(registers), windows_(windows) {}

    [[nodiscard]] std::uint32_t read(Register which) const;
    void write(Register which, std::uint32_t value) const;

    /// Takes bytes that the guest sent; a part of \p target.
    [[nodiscard]] MutableBytes receive(MutableBytes target) const;
    /// Sends as many of \p bytes as there is room for; how many.
    [[nodiscard]] std::size_t send(Bytes bytes) const;

    /// The records that have come, which stay until dropped.
    [[nodiscard]] Bytes records() const;
    void drop_records(std::size_t bytes) const {
        write(Register::Records, static_cast<std::uint32_t>(bytes));
    }
    /// Sends whole records, at most a window.
    void send_records(Bytes records) const;

   private:
    std::byte* registers_;
    std::byte* windows_;
};

}  // namespace kos::external
