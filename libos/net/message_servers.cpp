// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/net/message_servers.hpp"

#include "lib/message/layout.hpp"
#include "lib/sel4/syscall.hpp"
#include "libos/core/platform.hpp"

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

}  // namespace

message::Board& MessageServers::board(Word server) {
    return *reinterpret_cast<message::Board*>(area(server));
}

std::uint32_t MessageServers::changes() const {
    std::uint32_t sum = 0;
    for (Word server = 0; server < count_; ++server) sum += load(board(server).changes);
    return sum;
}

void MessageServers::arm() const {
    const Word thread = current_block().index;
    for (Word server = 0; server < count_; ++server) {
        __atomic_or_fetch(&board(server).waiters, Word{1} << thread, __ATOMIC_SEQ_CST);
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

message::Channel& Link::shared() const { return MessageServers::board(server_).channels[channel_]; }

std::byte* Link::ring(bool from_app) const {
    return area(server_) + message::ring_offset(channel_) + (from_app ? ring_size : 0);
}

bool Link::has(std::uint32_t flags) const { return (load(shared().flags) & flags) != 0; }
std::uint32_t Link::changes() const { return load(shared().changes); }
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
    if (load(shared().kick_after_read) != 0) (void)call(Call::Kick);  // it has no error to tell
}

void Link::put(std::uint32_t offset, Bytes bytes) const {
    const std::uint32_t start = (shared().from_tail + offset) % ring_size;
    const std::size_t front = std::min<std::size_t>(bytes.size(), ring_size - start);
    std::memcpy(ring(true) + start, bytes.data(), front);
    std::memcpy(ring(true), bytes.data() + front, bytes.size() - front);
}

void Link::give(std::uint32_t count) const {
    store(shared().from_tail, shared().from_tail + count);
    (void)call(Call::Kick);  // it has no error to tell
}

}  // namespace kos::libos
