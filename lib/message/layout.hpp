// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Where things lie for a message server and for its apps: in their VSpaces and CSpaces.
//
//   server  0x00_0040_0000  msgserver.elf, where it was linked
//           0x10_0000_0000  the plan (lib/message/plan.hpp), read-only
//           0x20_0000_0000  books: books_size for each member
//           0x30_0000_0000  areas: area_size for each member (lib/message/area.hpp)
//           0x70_1000_0000  process information, of which only the seed counts
//           0x70_1020_0000  the area of its thread: as a native app's first (lib/native)
//
//   app     0x70_3000_0000  its area in that of its first message server, then the next one's
#pragma once

#include "lib/message/area.hpp"
#include "lib/message/plan.hpp"
#include "lib/native/address_space.hpp"
#include "lib/native/manager.hpp"

namespace kos::message {

inline constexpr VirtualAddress plan_address = native::mmap_base;
inline constexpr VirtualAddress books_address{0x20'0000'0000};
inline constexpr VirtualAddress areas_address{0x30'0000'0000};

inline constexpr VirtualAddress app_areas{0x70'3000'0000};
inline constexpr std::uint64_t app_area_stride = 0x20'0000;
static_assert(area_size <= app_area_stride && native::stack_top < app_areas);

/// Of the app in [0, manifest::max_memberships): its message servers in the order of its mappings.
[[nodiscard]] constexpr VirtualAddress app_area(std::uint64_t membership) {
    return app_areas + membership * app_area_stride;
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
