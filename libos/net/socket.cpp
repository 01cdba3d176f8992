// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/net/socket.hpp"

#include "lib/message/wire.hpp"
#include "libos/core/process.hpp"
#include "libos/net/session.hpp"

#include <algorithm>
#include <utility>

namespace kos::libos {

namespace {

using message::Call;
namespace flag = message::channel_flag;

constexpr std::uint16_t in = abi::PollEntry::in, out = abi::PollEntry::out,
                        hang_up = abi::PollEntry::hang_up, peer_ended = 0x2000;

}  // namespace

Outcome<void> Socket::shut_down(int how) {
    constexpr int reading = 0, writing = 1, both = 2;
    if (how < reading || how > both) return Err{Errno::Einval};
    if (state_ != State::Connected) return Err{Errno::Enotconn};
    if (how != writing) input_is_shut_ = true;
    if (is_local()) {
        const Locked locked(lock_);
        // The pipe may be another's as soon as its reader closes it as well.
        if (how != reading && local_.out != nullptr) {
            past_changes_ += local_.out->count_changes() + 1;
            std::exchange(local_.out, nullptr)->end_output();
        }
    } else if (how != reading) {
        // A message server's connection has no halves.
        const auto done = link().call(Call::ShutDown);
        if (!done && !keeps_messages_apart()) return Err{done.error()};
    }
    process().activity.announce();
    return {};
}

std::optional<Outcome<Word>> Socket::receive_locally(MutableBytes bytes, bool keeps) {
    Pipe& pipe = *local_.in;
    std::size_t count = 0;
    {
        const Locked locked(pipe.lock);
        count = keeps ? pipe.peek(bytes) : pipe.take(bytes);
        if (count == 0) return pipe.writer ? std::nullopt : std::optional{Outcome<Word>{Word{0}}};
        if (!keeps) ++pipe.changes;
    }
    if (!keeps) process().activity.announce();
    return Outcome<Word>{Word{count}};
}

std::optional<Outcome<Word>> Socket::send_locally(Bytes bytes) {
    if (local_.out == nullptr) return Outcome<Word>{Err{Errno::Epipe}};
    Pipe& pipe = *local_.out;
    std::size_t count = 0;
    {
        const Locked locked(pipe.lock);
        if (!pipe.reader) return Outcome<Word>{Err{Errno::Epipe}};
        count = pipe.put(bytes);
        if (count == 0) return std::nullopt;
        ++pipe.changes;
    }
    process().activity.announce();
    return Outcome<Word>{Word{count}};
}

namespace {

std::optional<Outcome<Word>> at_end(std::uint32_t flags) {
    if ((flags & flag::reset) != 0) return Outcome<Word>{Err{Errno::Econnreset}};
    if ((flags & flag::end_of_input) != 0) return Outcome<Word>{Word{0}};
    return std::nullopt;
}

}  // namespace

/// Nothing: it has to wait.
std::optional<Outcome<Word>> Socket::try_packet(MutableBytes bytes, bool keeps) {
    const Session session{link()};
    // Before looking at what is there: an end comes behind it.
    const std::uint32_t flags = session.flags();
    const auto packet = session.receive(bytes, keeps);
    if (!packet) return at_end(flags);
    if (!packet->ok()) return Outcome<Word>{Err{packet->error()}};
    if ((*packet)->begins_stream) is_stream_ = true;
    return Outcome<Word>{(*packet)->size};
}

std::optional<Outcome<Word>> Socket::try_receive(MutableBytes bytes, bool keeps) {
    const Locked locked(lock_);
    if (state_ != State::Connected) return Outcome<Word>{Err{Errno::Enotconn}};
    if (input_is_shut_) return Outcome<Word>{Word{0}};
    if (is_local()) return receive_locally(bytes, keeps);
    if (keeps_messages_apart()) return try_packet(bytes, keeps);
    const std::uint32_t flags = link().flags();
    if (const std::size_t count = link().take(bytes, keeps); count > 0) {
        return Outcome<Word>{Word{count}};
    }
    return at_end(flags);
}

Outcome<Word> Socket::receive(MutableBytes bytes, Manner manner) {
    if (bytes.empty()) return Word{0};
    for (Activity::Watch watch{process().activity};;) {
        if (auto received = try_receive(bytes, manner.keeps)) return std::move(*received);
        if (!manner.blocks) return Err{Errno::Eagain};
        watch.wait();
    }
}

/// Nothing: it has to wait. As many as fit; of a message all.
std::optional<Outcome<Word>> Socket::try_send(Bytes bytes) {
    const Locked locked(lock_);
    if (state_ != State::Connected) return Outcome<Word>{Err{Errno::Enotconn}};
    if (is_local()) return send_locally(bytes);
    if (link().has(flag::no_output)) return Outcome<Word>{Err{Errno::Epipe}};
    if (keeps_messages_apart()) {
        if (!message::is_payload_size(static_cast<std::uint32_t>(bytes.size()))) {
            return Outcome<Word>{Err{Errno::Emsgsize}};
        }
        if (!Session{link()}.send(bytes)) return std::nullopt;
        return Outcome<Word>{Word{bytes.size()}};
    }
    const std::size_t count = link().add(bytes);
    if (count == 0) return std::nullopt;
    return Outcome<Word>{Word{count}};
}

Outcome<Word> Socket::send(Bytes bytes, bool blocks) {
    Word sent = 0;
    Activity::Watch watch{process().activity};
    while (sent < bytes.size()) {
        const auto part = try_send(bytes.subspan(sent));
        if (part && !part->ok()) {
            if (sent > 0) return sent;
            return Err{part->error()};
        }
        if (part) {
            sent += **part;
        } else if (!blocks) {
            if (sent > 0) return sent;
            return Err{Errno::Eagain};
        } else {
            watch.wait();
        }
    }
    return sent;
}

std::uint16_t Socket::local_readiness() const {
    bool has_input = false, is_ended = false, has_room = true, is_shut = true;
    {
        const Locked locked(local_.in->lock);
        has_input = local_.in->size > 0;
        is_ended = !local_.in->writer || input_is_shut_;
    }
    if (Pipe* const pipe = local_.out; pipe != nullptr) {
        const Locked locked(pipe->lock);
        is_shut = !pipe->reader;
        has_room = is_shut || Pipe::capacity - pipe->size >= page_size;
    }
    return static_cast<std::uint16_t>((has_input || is_ended ? in : 0) |
                                      (is_ended ? peer_ended : 0) | (has_room ? out : 0) |
                                      (is_ended && is_shut ? hang_up : 0));
}

std::uint16_t Socket::readiness(std::uint16_t wanted) const {
    if (state_ == State::Listening) {
        for (std::uint8_t i = 0; i < link_count_; ++i) {
            if (links_[i].has(flag::acceptable)) return in;
        }
        return place_ != nullptr && process().local_sockets.has_waiting(*place_) ? in : 0;
    }
    if (state_ != State::Connected) return out | hang_up;
    const Locked locked(lock_);
    if (is_local()) return local_readiness();
    std::uint16_t ready = 0;
    const bool is_ended = link().has(flag::end_of_input) || input_is_shut_;
    if (is_ended) ready |= in | peer_ended;
    const bool is_session = keeps_messages_apart();
    if ((wanted & in) != 0 && (is_session ? Session{link()}.has_packet() : link().has_bytes())) {
        ready |= in;
    }
    // Who looks for room has the peer tell it of room.
    if ((wanted & out) != 0 &&
        (link().has(flag::no_output) ||
         (is_session ? Session{link()}.has_room() : link().has_much_room()))) {
        ready |= out;
    }
    if (is_ended && link().has(flag::no_output)) ready |= hang_up;
    if (link().has(flag::reset)) ready |= abi::PollEntry::error;
    return ready;
}

std::uint32_t Socket::changes() const {
    std::uint32_t sum = 0;
    const Locked locked(lock_);
    for (std::uint8_t i = 0; i < link_count_; ++i) {
        sum += keeps_messages_apart() ? Session{links_[i]}.changes() : links_[i].changes();
    }
    sum += past_changes_;
    if (is_local()) {
        sum += local_.in->count_changes();
        if (local_.out != nullptr) sum += local_.out->count_changes();
    } else if (place_ != nullptr) {
        sum += __atomic_load_n(&place_->changes, __ATOMIC_RELAXED);
    }
    return sum;
}

void Socket::describe(abi::Stat& stat) const {
    stat = {};
    stat.inode = 6;
    stat.mode = abi::mode::socket | 0777;
    stat.links = 1;
    stat.block_size = 4096;
}

void Socket::closed() {
    close_links();
    if (is_local()) local_.close(process().activity);
    if (place_ != nullptr) {
        const bool is_owner = place_is_own_ && state_ != State::Connected;
        process().local_sockets.release(*place_, is_owner);
    }
}

}  // namespace kos::libos
