// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/net/message_servers.hpp"

#include "lib/message/layout.hpp"
#include "lib/sel4/syscall.hpp"
#include "libos/core/platform.hpp"
#include "libos/core/process.hpp"

#include <algorithm>
#include <cstring>

namespace kos::libos {

namespace {

using message::Call;
using message::ring_size;

std::uint32_t load(const std::uint32_t& field) { return __atomic_load_n(&field, __ATOMIC_SEQ_CST); }
void store(std::uint32_t& field, std::uint32_t value) {
    __atomic_store_n(&field, value, __ATOMIC_SEQ_CST);
}

std::byte* area(Word server) { return sel4::vspace_pointer(message::app_area(server).value()); }

/// \p end: 0, or one more than the number of the app's end.
std::optional<message::Lane> lane_at(Word server, Word place, std::uint32_t end) {
    if (end == 0) return std::nullopt;
    return message::Lane{sel4::vspace_pointer(message::app_lane(server, place).value()), end - 1};
}

}  // namespace

message::Board& MessageServers::board(Word server) {
    return *reinterpret_cast<message::Board*>(area(server));
}

std::optional<message::Lane> MessageServers::lane(Word server, Word channel) {
    return lane_at(server, channel, load(board(server).channels[channel].lane));
}

std::optional<message::Lane> MessageServers::token_lane(Word server, Word place) {
    return lane_at(server, place, load(board(server).places[place].lane));
}

void MessageServers::arm() const {
    const Word thread = current_block().index;
    for (Word server = 0; server < count_; ++server) {
        message::Board& own = board(server);
        if ((__atomic_load_n(&own.waiters, __ATOMIC_SEQ_CST) >> thread & 1) == 0) {
            __atomic_or_fetch(&own.waiters, Word{1} << thread, __ATOMIC_SEQ_CST);
        }
        if (load(own.lanes) == 0) continue;
        const Locked locked(lanes_lock_);
        std::uint32_t places = load(own.lanes) & ((1u << message::channels_of_an_app) - 1);
        const std::uint32_t of_tokens = load(own.token_lanes);
        for (; places != 0; places &= places - 1) {
            const auto place = static_cast<Word>(__builtin_ctz(places));
            const bool is_of_token = (of_tokens >> place & 1) != 0;
            const auto found = is_of_token ? token_lane(server, place) : lane(server, place);
            if (found) found->arm(thread);
        }
    }
}

Outcome<std::array<Word, 4>> MessageServers::call(Word server, Call call, Word a, Word b, Word c,
                                                  Word d) {
    const sel4::Message answer = sel4::call(
        message::server_endpoint(server),
        {sel4::MessageInfo{static_cast<Word>(call), 0, sel4::message_registers}, {a, b, c, d}});
    if (answer.info.label() != 0) return Err{static_cast<Errno>(answer.info.label())};
    return answer.words;
}

Outcome<MessageServers::Socket> MessageServers::find(std::string_view path) const {
    for (const std::string_view folder : {"/var", "/run/"}) {
        if (path.starts_with(folder)) path.remove_prefix(folder.size());
    }
    constexpr std::string_view suffix = ".sock";
    if (!path.ends_with(suffix)) return Err{Errno::Enoent};
    path.remove_suffix(suffix.size());
    for (Word server = 0; server < count_; ++server) {
        for (Word number = 0;; ++number) {
            const auto answer = call(server, Call::SocketName, number);
            if (!answer) break;
            const std::string_view name{
                reinterpret_cast<const char*>(answer->data() + 1),
                std::min<std::size_t>((*answer)[0], message::longest_socket_name)};
            if (name == path) return Socket{server, number};
        }
    }
    return Err{Errno::Enoent};
}

/// Signals the peer's threads that sleep: the first ones itself.
bool MessageServers::tell(const message::Lane& lane, Word server, Word place) {
    constexpr std::uint64_t own_to_signal = (1u << message::lane_threads) - 1;
    const std::uint64_t waiters = lane.tell();
    if (waiters == 0) return true;
    for (std::uint64_t rest = waiters & own_to_signal; rest != 0; rest &= rest - 1) {
        const auto thread = static_cast<Word>(__builtin_ctzll(rest));
        sel4::signal(
            sel4::Cap<sel4::Notification>{message::lane_notification(server, place, thread)});
    }
    if ((waiters & ~own_to_signal) == 0) return true;
    lane.give_back_waiters(waiters & ~own_to_signal);
    return false;
}

message::Channel& Link::shared() const { return MessageServers::board(server_).channels[channel_]; }

std::byte* Link::ring(bool from_app) const {
    return area(server_) + message::ring_offset(channel_) + (from_app ? ring_size : 0);
}

std::uint32_t Link::flags() const { return load(shared().flags); }
std::uint32_t Link::changes() const {
    const auto lane = MessageServers::lane(server_, channel_);
    return load(shared().changes) + (lane ? lane->changes() : 0);
}

std::optional<message::Lane> Link::lane_to_write() const {
    const auto lane = MessageServers::lane(server_, channel_);
    // What the server has not passed on yet comes first.
    return load(shared().from_head) == load(shared().from_tail) ? lane : std::nullopt;
}

bool Link::has_bytes() const {
    const auto lane = MessageServers::lane(server_, channel_);
    return pending() > 0 || (lane && lane->pending() > 0);
}

bool Link::has_much_room() const {
    constexpr std::uint32_t part = 4;
    const auto lane = lane_to_write();
    if (!lane) return room() >= ring_size / part;
    const auto has_room = [&] { return lane->room() >= message::lane_ring_size / part; };
    if (has_room()) return true;
    lane->want_room();
    return has_room();
}

std::size_t Link::take(MutableBytes bytes, bool keeps) const {
    // Before the ring: what that holds is older.
    const auto lane = MessageServers::lane(server_, channel_);
    const bool lane_has_bytes = lane && lane->pending() > 0;
    if (const std::uint32_t waiting = pending(); waiting > 0) {
        const std::size_t count = std::min<std::size_t>(bytes.size(), waiting);
        peek(0, bytes.first(count));
        if (!keeps) drop(static_cast<std::uint32_t>(count));
        return count;
    }
    if (!lane_has_bytes) return 0;
    const std::size_t count = lane->take(bytes, keeps);
    if (!keeps && lane->is_room_wanted()) tell(*lane, channel_);
    return count;
}

std::size_t Link::add(Bytes bytes) const {
    if (const auto lane = lane_to_write()) {
        std::size_t count = lane->put(bytes);
        if (count < bytes.size()) {
            // First the wish, then another look: no room goes unnoticed.
            lane->want_room();
            count += lane->put(bytes.subspan(count));
        }
        if (count > 0) tell(*lane, channel_);
        return count;
    }
    const std::size_t count = std::min<std::size_t>(bytes.size(), room());
    if (count == 0) return 0;
    put(0, bytes.first(count));
    give(static_cast<std::uint32_t>(count));
    return count;
}

void Link::tell(const message::Lane& lane, Word place) const {
    if (!MessageServers::tell(lane, server_, place)) kick();
}

void Link::kick() const {
    // A lane of a token may go with it.
    const Locked locked(process().servers.lanes_lock());
    (void)call(Call::Kick);  // it has no error to tell
}

void Link::close() const {
    {
        const Locked locked(process().servers.lanes_lock());
        (void)call(Call::Close);  // it has no error to tell
    }
    // The changes of its lane, if it had one, count no more.
    process().activity.announce();
}

// What the app itself has spoilt in its area gives wrong bytes, but none from beyond a ring.
std::uint32_t Link::pending() const {
    return std::min(load(shared().to_tail) - load(shared().to_head), ring_size);
}
std::uint32_t Link::room() const {
    return ring_size - std::min(load(shared().from_tail) - load(shared().from_head), ring_size);
}

void Link::peek(std::uint32_t offset, MutableBytes bytes) const {
    const std::uint32_t start = (shared().to_head + offset) % ring_size;
    const std::size_t front = std::min<std::size_t>(bytes.size(), ring_size - start);
    std::memcpy(bytes.data(), ring(false) + start, front);
    std::memcpy(bytes.data() + front, ring(false), bytes.size() - front);
}

void Link::drop(std::uint32_t count) const {
    store(shared().to_head, shared().to_head + count);
    if (load(shared().kick_after_read) != 0) kick();
}

void Link::put(std::uint32_t offset, Bytes bytes) const {
    const std::uint32_t start = (shared().from_tail + offset) % ring_size;
    const std::size_t front = std::min<std::size_t>(bytes.size(), ring_size - start);
    std::memcpy(ring(true) + start, bytes.data(), front);
    std::memcpy(ring(true), bytes.data() + front, bytes.size() - front);
}

void Link::give(std::uint32_t count) const {
    store(shared().from_tail, shared().from_tail + count);
    kick();
}

}  // namespace kos::libos
