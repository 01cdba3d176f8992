// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "gateway/core/streams.hpp"

#include <algorithm>
#include <utility>

namespace kos::gateway {

using message::Call;
namespace flag = message::channel_flag;

namespace {

/// Of the one message server that a gateway has.
constexpr std::uint32_t server = 0;
constexpr int most_passes = 16;

}  // namespace

void Streams::receive(Bytes payload) {
    is_dirty_ = true;
    StreamTable::receive(payload);
}

bool Streams::opened(Number number, std::uint16_t port) {
    Link& link = links_[number];
    link = {};
    const auto to = plan_.port(port);
    if (!to) return false;
    const auto opened = servers_.call(server, Call::OpenStream, {});
    if (!opened.ok()) return false;
    link.channel = vmm::MessageChannel{servers_, server, opened.words[0]};
    if (!link.channel.call(Call::Connect, to->ipv4, to->port).ok()) {
        (void)link.channel.call(Call::Close);
        return false;
    }
    tell_open(number);
    return true;
}

bool Streams::data(Number number, Bytes bytes) {
    Link& link = links_[number];
    // What the service reads no more is dropped: its answer may still be on its way.
    if ((link.channel.flags() & flag::no_output) != 0) return true;
    if (bytes.size() > link.channel.room()) return false;
    link.channel.put(bytes);
    link.kick_is_due = true;
    return true;
}

void Streams::finish(Number number) {
    kick(links_[number]);
    // Where the service has gone, settle() finds that.
    (void)links_[number].channel.call(Call::ShutDown);
}

bool Streams::tend() {
    auto& board = *reinterpret_cast<message::Board*>(servers_.area(server));
    for (int pass = 0;; ++pass) {
        const std::uint32_t now = __atomic_load_n(&board.changes, __ATOMIC_SEQ_CST);
        if (is_armed_ && !is_dirty_ && now == seen_) return true;
        // A service that never rests does not keep the host's mail waiting.
        if (pass == most_passes) return false;
        seen_ = now;
        is_dirty_ = false;
        for (Number number = 0; number < links_.size(); ++number) {
            if (stream(number).is_there) settle(number);
        }
        // Armed before the next look: no change goes unnoticed.
        constexpr std::uint64_t own_thread = 1;
        __atomic_or_fetch(&board.waiters, own_thread, __ATOMIC_SEQ_CST);
        is_armed_ = true;
    }
}

void Streams::settle(Number number) {
    Link& link = links_[number];
    kick(link);
    // Before looking at the bytes: an end comes behind them.
    const std::uint32_t flags = link.channel.flags();
    const bool is_deaf = (flags & flag::no_output) != 0;
    tell_taken(number, is_deaf ? stream(number).received : link.channel.taken_by_server());
    pass_on(number);
    if (link.channel.pending() != 0) return;
    if ((flags & flag::reset) != 0) return end(number);
    if ((flags & flag::end_of_input) == 0) return;
    if (!std::exchange(link.service_has_finished, true)) tell_finish(number);
    if (stream(number).host_has_finished || is_deaf) end(number);
}

void Streams::pass_on(Number number) {
    std::array<std::byte, msg::max_data_to_host> bytes;
    for (;;) {
        const std::size_t most = std::min<std::size_t>(bytes.size(), room(number));
        const std::size_t count = links_[number].channel.take(MutableBytes{bytes}.first(most));
        if (count == 0) return;
        is_dirty_ = true;  // what the server had no room for before may have come
        tell_data(number, Bytes{bytes}.first(count));
    }
}

void Streams::kick(Link& link) {
    if (std::exchange(link.kick_is_due, false)) link.channel.kick();
}

void Streams::release(Number number) {
    kick(links_[number]);
    (void)links_[number].channel.call(Call::Close);
}

}  // namespace kos::gateway
