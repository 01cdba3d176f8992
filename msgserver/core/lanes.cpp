// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Lanes (lib/message/lane.hpp, docs/adr/0012): a stream that has carried much gets one while there
// are any, and from then on its two apps need the server for its end only. An app keeps its end
// until it closes the stream: what the other has put there can still be taken.
#include "msgserver/core/engine.hpp"

#include <cstring>

namespace kos::msgserver {

namespace {

/// What a stream carries through the server before it gets one: as much work as to map a lane and
/// to zero it, so that no app makes the server work for it by short streams.
constexpr std::uint32_t worth_a_lane = 256 * 1024;

}  // namespace

/// \p id is one end of a stream.
void Engine::consider_lane(ChannelId id) {
    const ChannelId peer = at(id).peer;
    if (at(id).carried < worth_a_lane || at(id).lane != 0 || at(id).stays_here) return;
    if (at(id).is_closing || peer.is_null() || at(peer).is_closing) return;
    if (is_place_used(id) || is_place_used(peer)) return;
    const auto lane = free_lane();
    if (!lane) return;
    at(id).stays_here = at(peer).stays_here = true;
    if (!share_lane(*lane, id, peer)) return;
    use_lane(id, *lane, 0);
    use_lane(peer, *lane, 1);
}

std::optional<std::uint32_t> Engine::free_lane() const {
    for (std::uint32_t lane = 0; lane < lanes_.size() / message::lane_size; ++lane) {
        if (lane_users_[lane] == 0) return lane;
    }
    return std::nullopt;
}

/// Gives a free lane to two places; false: neither has it.
bool Engine::share_lane(std::uint32_t lane, ChannelId one, ChannelId other) {
    // An app that speaks with itself would take two of its places for one lane.
    if (one.member == other.member) return false;
    if (plan_.member(one.member).has_lanes == 0 || plan_.member(other.member).has_lanes == 0) {
        return false;
    }
    lane_users_[lane] = 2;
    if (host_.give_lane(lane_user(one), lane, lane_user(other)) &&
        host_.give_lane(lane_user(other), lane, lane_user(one))) {
        return true;
    }
    // What half of it has left behind.
    take_back(one, lane);
    take_back(other, lane);
    return false;
}

void Engine::use_lane(ChannelId id, std::uint32_t lane, unsigned end) {
    at(id).lane = static_cast<std::uint8_t>(lane + 1);
    at(id).lane_end = static_cast<std::uint8_t>(end);
    __atomic_store_n(&shared(id).lane, end + 1, __ATOMIC_SEQ_CST);
    message::Board& own = board(id.member);
    __atomic_or_fetch(&own.lanes, 1u << id.index, __ATOMIC_SEQ_CST);
    changed(id);
}

/// Its app has it no more. With the second end, the lane is empty again.
void Engine::leave_lane(ChannelId id) {
    if (at(id).lane == 0) return;
    const std::uint32_t lane = at(id).lane - 1u;
    at(id).lane = 0;
    message::Board& own = board(id.member);
    __atomic_and_fetch(&own.lanes, ~(1u << id.index), __ATOMIC_SEQ_CST);
    __atomic_store_n(&shared(id).lane, 0, __ATOMIC_SEQ_CST);
    take_back(id, lane);
}

/// A lane that is perhaps still mapped is never used again.
void Engine::take_back(ChannelId id, std::uint32_t lane) {
    if (!host_.take_lane(lane_user(id))) return;
    if (--lane_users_[lane] == 0) std::memset(lane_at(lane), 0, message::lane_size);
}

/// The app of \p id has told its peer something, and cannot signal all that wait for it.
void Engine::wake_lane_peer(ChannelId id) {
    if (at(id).lane == 0 || at(id).peer.is_null()) return;
    wake_all(at(id).peer.member,
             message::Lane{lane_at(at(id).lane - 1u), at(id).lane_end}.take_waiters());
}

/// Bit n of \p threads is thread n.
void Engine::wake_all(std::uint32_t member, std::uint64_t threads) {
    for (std::uint32_t thread = 0; threads != 0; ++thread, threads >>= 1) {
        if ((threads & 1) != 0) host_.wake(member, thread);
    }
}

}  // namespace kos::msgserver
