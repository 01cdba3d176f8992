// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The plan of a message server, or of a network's switch: what is mapped where in its VSpace, and
// which kernel objects it takes. Pure, as native.hpp. Its apps get capabilities to pages of its
// area.
#pragma once

#include "lib/base/static_vector.hpp"
#include "lib/manifest/image.hpp"
#include "lib/message/area.hpp"
#include "loader/plan/image.hpp"

#include <cstdint>

namespace kos::plan {

struct MessageServerInputs {
    const PlacedImage& program;  ///< msgserver.elf, netswitch.elf
    std::uint32_t program_blob = 0;
    std::uint32_t plan_blob = 0;  ///< lib/message/plan.hpp, lib/ethernet/plan.hpp
    std::uint64_t plan_bytes = 0;
    std::uint32_t members = 0;                       ///< at most message::max_members
    std::uint32_t lanes = 0;                         ///< message::lane_count()
    std::uint64_t books_size = message::books_size;  ///< of each member
};

struct MessageServerPlan {
    /// In ascending order of address; none overlap.
    StaticVector<manifest::Mapping, 2 * elf::max_segments + 8> mappings;
    manifest::ObjectCounts objects;
};

/// TooManyMappings, Overlap; Members.
[[nodiscard]] Result<MessageServerPlan, Error> plan_message_server(
    const MessageServerInputs& inputs);

/// Where an app has the lanes of that server's channels, while they have some.
[[nodiscard]] manifest::Mapping lane_places(std::uint32_t server, std::uint32_t membership);

/// The mapping that an app has of its area: member \p member of the server that is app \p server,
/// the app's message server number \p membership.
[[nodiscard]] manifest::Mapping lent_area(std::uint32_t server, std::uint32_t member,
                                          std::uint32_t membership);

}  // namespace kos::plan
