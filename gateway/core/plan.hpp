// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a gateway is told of the ports that the project publishes: a blob of the system image, which
// the packer makes and the gateway reads. Nothing else can be reached through it.
//
//   PlanHead | PlanPort[]
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/little_endian.hpp"

#include <cstdint>
#include <optional>

namespace kos::gateway {

struct PlanHead {
    static constexpr std::uint64_t expected_magic = 0x4e4c'5059'5754'474b;  // "KGTWYPLN"

    Le64 magic = expected_magic;  // 0x0
    Le32 ports;                   // 0x8: how many
    Le32 reserved;                // 0xc
};
static_assert(sizeof(PlanHead) == 0x10);

/// Where a published port leads. Its number in the plan is what the host's Open names.
struct PlanPort {
    Le32 ipv4;      // 0x0: of the service: 10.0.0.1 is 0x0a000001
    Le16 port;      // 0x4: that it listens on
    Le16 reserved;  // 0x6
};
static_assert(sizeof(PlanPort) == 8);

/// Most ports of a project: their numbers are 16 bits wide.
inline constexpr std::uint32_t max_ports = 1u << 16;

class Plan {
   public:
    /// Nothing where it is none, or its ports do not lie within \p blob, which outlives it.
    static std::optional<Plan> create(Bytes blob) {
        const auto head = read_at<PlanHead>(blob, 0);
        if (!head || head->magic != PlanHead::expected_magic || head->ports > max_ports ||
            blob.size() < sizeof(PlanHead) + head->ports * sizeof(PlanPort)) {
            return std::nullopt;
        }
        return Plan{blob};
    }

    /// Nothing where there is no such port.
    [[nodiscard]] std::optional<PlanPort> port(std::uint32_t number) const {
        if (number >= read_at<PlanHead>(blob_, 0)->ports) return std::nullopt;
        return read_at<PlanPort>(blob_, sizeof(PlanHead) + number * sizeof(PlanPort));
    }

   private:
    explicit Plan(Bytes blob) : blob_(blob) {}

    Bytes blob_;
};

}  // namespace kos::gateway
