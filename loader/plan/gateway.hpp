// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The plan of a gateway: what is mapped where in its VSpace, and which kernel objects it takes.
// Pure, as native.hpp.
//
//   0x00_0040_0000  gateway.elf, where it was linked
//   0x10_0000_0000  its plan (gateway/core/plan.hpp), read-only: message::plan_address
//   0x70_1000_2000  its mailbox, as a VMM's (lib/vm/layout.hpp)
//   0x70_1020_0000  the area of its thread: as a native app's first (lib/native)
//   0x70_3000_0000  its area in that of its message server (lib/message/layout.hpp)
#pragma once

#include "lib/base/static_vector.hpp"
#include "lib/manifest/image.hpp"
#include "loader/plan/image.hpp"

#include <cstdint>

namespace kos::plan {

struct GatewayInputs {
    const PlacedImage& program;  ///< gateway.elf
    std::uint32_t program_blob = 0;
    std::uint32_t plan_blob = 0;
    std::uint64_t plan_bytes = 0;
    manifest::Mapping lent{};  ///< of its message server (lent_area())
};

struct GatewayPlan {
    /// In ascending order of address; none overlap.
    StaticVector<manifest::Mapping, 2 * elf::max_segments + 4> mappings;
    manifest::ObjectCounts objects;
};

/// TooManyMappings, Overlap.
[[nodiscard]] Result<GatewayPlan, Error> plan_gateway(const GatewayInputs& inputs);

}  // namespace kos::plan
