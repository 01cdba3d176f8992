// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/net/socket.hpp"

#include "lib/message/wire.hpp"
#include "libos/core/process.hpp"

#include <algorithm>
#include <utility>

namespace kos::libos {

namespace {

using message::Call;
using message::FrameLength;
using message::Head;
namespace flag = message::channel_flag;

constexpr std::uint16_t in = abi::PollEntry::in, out = abi::PollEntry::out,
                        hang_up = abi::PollEntry::hang_up, peer_ended = 0x2000;

constexpr std::uint16_t attach_answer =
    static_cast<std::uint16_t>(message::Opcode::Attach) | message::answer_bit;

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

/// Nothing: it has to wait.
std::optional<Outcome<Word>> Socket::try_packet(MutableBytes bytes, bool keeps) {
    FrameLength length;
    if (link().pending() < sizeof length) return std::nullopt;
    link().peek(0, std::as_writable_bytes(std::span{&length, 1}));
    const std::uint32_t size = length;
    if (!message::is_payload_size(size)) return Outcome<Word>{Err{Errno::Econnreset}};
    if (link().pending() < sizeof length + size) return std::nullopt;
    const std::size_t taken = std::min<std::size_t>(bytes.size(), size);
    link().peek(sizeof length, bytes.first(taken));
    if (keeps) return Word{taken};
    Head head;
    link().peek(sizeof length, std::as_writable_bytes(std::span{&head, 1}));
    if (size == sizeof head && head.opcode == attach_answer && head.status == 0) is_stream_ = true;
    link().drop(static_cast<std::uint32_t>(sizeof length + size));
    return Word{taken};
}

std::optional<Outcome<Word>> Socket::try_receive(MutableBytes bytes, bool keeps) {
    const Locked locked(lock_);
    if (state_ != State::Connected) return Outcome<Word>{Err{Errno::Enotconn}};
    if (input_is_shut_) return Outcome<Word>{Word{0}};
    if (is_local()) return receive_locally(bytes, keeps);
    // Before looking at the bytes: an end comes behind them.
    const bool is_ended = link().has(flag::end_of_input), is_reset = link().has(flag::reset);
    if (keeps_messages_apart()) {
        if (auto packet = try_packet(bytes, keeps)) return packet;
    } else if (const std::size_t count = link().take(bytes, keeps); count > 0) {
        return Outcome<Word>{Word{count}};
    }
    if (is_reset) return Outcome<Word>{Err{Errno::Econnreset}};
    if (is_ended) return Outcome<Word>{Word{0}};
    return std::nullopt;
}

Outcome<Word> Socket::receive(MutableBytes bytes, Manner manner) {
    if (bytes.empty()) return Word{0};
    for (;;) {
        const std::uint64_t since = process().activity.now();
        if (auto received = try_receive(bytes, manner.keeps)) return std::move(*received);
        if (!manner.blocks) return Err{Errno::Eagain};
        process().activity.wait(since, std::nullopt);
    }
}

/// Nothing: it has to wait. As many as fit; of a message all.
std::optional<Outcome<Word>> Socket::try_send(Bytes bytes) {
    const Locked locked(lock_);
    if (state_ != State::Connected) return Outcome<Word>{Err{Errno::Enotconn}};
    if (is_local()) return send_locally(bytes);
    if (link().has(flag::no_output)) return Outcome<Word>{Err{Errno::Epipe}};
    if (keeps_messages_apart()) {
        const std::uint32_t room = link().room();
        if (!message::is_payload_size(static_cast<std::uint32_t>(bytes.size()))) {
            return Outcome<Word>{Err{Errno::Emsgsize}};
        }
        const FrameLength length{static_cast<std::uint32_t>(bytes.size())};
        if (room < sizeof length + bytes.size()) return std::nullopt;
        link().put(0, bytes_of(length));
        link().put(sizeof length, bytes);
        link().give(static_cast<std::uint32_t>(sizeof length + bytes.size()));
        return Outcome<Word>{Word{bytes.size()}};
    }
    const std::size_t count = link().add(bytes);
    if (count == 0) return std::nullopt;
    return Outcome<Word>{Word{count}};
}

Outcome<Word> Socket::send(Bytes bytes, bool blocks) {
    Word sent = 0;
    while (sent < bytes.size()) {
        const std::uint64_t since = process().activity.now();
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
            process().activity.wait(since, std::nullopt);
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

std::uint16_t Socket::readiness() const {
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
    if (link().has_bytes()) ready |= in;
    const bool has_room = keeps_messages_apart()
                              ? link().room() >= sizeof(FrameLength) + message::longest_payload
                              : link().has_much_room();
    if (link().has(flag::no_output) || has_room) ready |= out;
    if (is_ended && link().has(flag::no_output)) ready |= hang_up;
    if (link().has(flag::reset)) ready |= abi::PollEntry::error;
    return ready;
}

std::uint32_t Socket::changes() const {
    std::uint32_t sum = 0;
    for (std::uint8_t i = 0; i < link_count_; ++i) sum += links_[i].changes();
    const Locked locked(lock_);
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
