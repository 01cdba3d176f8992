// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where things lie for a message server and for its apps: in their VSpaces and CSpaces.
//
//   server  0x00_0040_0000  msgserver.elf, where it was linked
//           0x10_0000_0000  the plan (lib/message/plan.hpp), read-only
//           0x20_0000_0000  books: books_size for each member
//           0x30_0000_0000  areas: area_size for each member (lib/message/area.hpp)
//           0x40_0000_0000  lanes (lib/message/lane.hpp)
//           0x70_1000_0000  process information, of which only the seed counts
//           0x70_1020_0000  the area of its thread: as a native app's first (lib/native)
//
//   app     0x70_3000_0000  its area in that of its first message server, then the next one's
//           0x70_3100_0000  a lane's place for each channel of its first message server, …
#pragma once

#include "lib/manifest/image.hpp"
#include "lib/message/area.hpp"
#include "lib/message/lane.hpp"
#include "lib/message/plan.hpp"
#include "lib/native/address_space.hpp"
#include "lib/native/manager.hpp"

namespace kos::message {

inline constexpr VirtualAddress plan_address = native::mmap_base;
inline constexpr VirtualAddress books_address{0x20'0000'0000};
inline constexpr VirtualAddress areas_address{0x30'0000'0000};
inline constexpr VirtualAddress lanes_address{0x40'0000'0000};

inline constexpr VirtualAddress app_areas{0x70'3000'0000};
inline constexpr std::uint64_t app_area_stride = 0x20'0000;
static_assert(area_size <= app_area_stride && native::stack_top < app_areas);

/// Of the app in [0, manifest::max_memberships): its message servers in the order of its mappings.
[[nodiscard]] constexpr VirtualAddress app_area(std::uint64_t membership) {
    return app_areas + membership * app_area_stride;
}

/// Lanes of a message server with that many members that can have some: where all are taken, bytes
/// go through the server.
[[nodiscard]] constexpr std::uint32_t lane_count(std::uint32_t members) {
    return members < 2 ? 0 : members < most_lanes ? members : most_lanes;
}

inline constexpr VirtualAddress app_lanes{0x70'3100'0000};
inline constexpr std::uint64_t app_lanes_size = channels_of_an_app * lane_size;
static_assert(app_areas + manifest::max_memberships * app_area_stride <= app_lanes &&
              app_lanes + manifest::max_memberships * app_lanes_size <= native::initrd_base);
/// The places of the lanes of a message server's channels, in a native app.
[[nodiscard]] constexpr VirtualAddress app_lane(std::uint64_t membership, std::uint64_t channel) {
    return app_lanes + membership * app_lanes_size + channel * lane_size;
}

/// Threads of a lane's other end that an app can signal itself.
inline constexpr std::uint64_t lane_threads = 4;
/// Slots of an app's CSpace above those of its threads: their notifications, while it has the lane.
[[nodiscard]] constexpr sel4::CPtr lane_notification(std::uint64_t membership,
                                                     std::uint64_t channel, std::uint64_t thread) {
    return {native::app_slot::first_of_threads + 2 * native::max_threads +
            (membership * channels_of_an_app + channel) * lane_threads + thread};
}
/// Radix of the CSpace of an app with that many threads and message servers.
[[nodiscard]] constexpr unsigned app_cspace_bits(std::uint64_t threads, std::uint64_t memberships) {
    if (memberships == 0) return native::app_slot::cspace_bits(threads);
    return static_cast<unsigned>(std::bit_width(lane_notification(memberships, 0, 0).value - 1));
}

/// Slots of an app's CSpace below those of its threads.
[[nodiscard]] constexpr sel4::CPtr server_endpoint(std::uint64_t membership) {
    return {1 + membership};
}

/// Slots of a server's CSpace: the first thread's of a native app, then these.
namespace server_slot {
inline constexpr sel4::CPtr endpoint{12};
inline constexpr sel4::CPtr reply{13};
inline constexpr std::uint64_t first_notification = 64;
/// Of a thread of a member's: empty while the app does not run, or the thread was never used.
[[nodiscard]] constexpr sel4::CPtr notification(std::uint64_t member, std::uint64_t thread) {
    return {first_notification + member * native::max_threads + thread};
}
}  // namespace server_slot

[[nodiscard]] constexpr unsigned server_cspace_bits(std::uint64_t members) {
    return static_cast<unsigned>(std::bit_width(server_slot::notification(members, 0).value - 1));
}

/// What tells a server who calls; its notification has no badge.
[[nodiscard]] constexpr sel4::Word member_badge(std::uint64_t member) { return member + 1; }

}  // namespace kos::message
