// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// From a frame to the ports that get it. README.md has the rules.
#pragma once

#include "netswitch/core/address_table.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace kos::netswitch {

inline constexpr unsigned max_ports = 64;

/// Bit n: port number n.
using PortSet = std::uint64_t;
[[nodiscard]] constexpr PortSet only(unsigned port) { return PortSet{1} << port; }

/// Why nobody gets a frame.
enum class Drop : std::uint8_t {
    None,
    Short,     ///< less than a header
    Spoofed,   ///< from an address that is not the sender's
    Reserved,  ///< to an address that bridges keep to themselves
    Unknown,   ///< to an address that nobody has
};

struct Verdict {
    PortSet to = 0;
    Drop drop = Drop::None;
};

class Forwarding {
   public:
    /// The number of a new port with one \p address, or of a trunk without; nothing where the
    /// address is taken or no individual's, or all ports are.
    std::optional<unsigned> join(const std::optional<MacAddress>& address);
    void leave(unsigned port);

    /// Who gets \p frame, which came from \p port; learns from it. \p now: milliseconds.
    [[nodiscard]] Verdict decide(unsigned port, Bytes frame, std::uint64_t now);

    [[nodiscard]] PortSet ports() const { return members_ | trunks_; }
    [[nodiscard]] const AddressTable& learned() const { return learned_; }

   private:
    [[nodiscard]] std::optional<unsigned> member_with(const MacAddress& address) const;

    std::array<MacAddress, max_ports> addresses_{};  ///< of members
    PortSet members_ = 0, trunks_ = 0;
    AddressTable learned_;
};

}  // namespace kos::netswitch
