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

constexpr std::uint32_t loopback = 0x7f00'0001;
bool is_loopback(std::uint32_t address) { return address >> 24 == 127; }

constexpr std::uint16_t attach_answer =
    static_cast<std::uint16_t>(message::Opcode::Attach) | message::answer_bit;

}  // namespace

Outcome<void> Socket::bind(const Endpoint& endpoint) {
    const Locked locked(lock_);
    if (state_ != State::New || own_.port != 0) return Err{Errno::Einval};
    own_ = endpoint;
    return {};
}

void Socket::close_links() {
    for (std::uint8_t i = 0; i < link_count_; ++i) (void)links_[i].call(Call::Close);
    link_count_ = 0;
}

Outcome<void> Socket::bind_path(std::string_view path) {
    const Locked locked(lock_);
    if (state_ != State::New || place_ != nullptr) return Err{Errno::Einval};
    if (!is_stream_) return Err{Errno::Eacces};
    place_ = KOS_TRY(process().local_sockets.bind(LocalName{path}));
    place_is_own_ = true;
    return {};
}

Outcome<void> Socket::listen(Word backlog) {
    const Locked locked(lock_);
    if (state_ == State::Connected) return Err{Errno::Einval};
    const bool is_any_port = family_ != Family::Unix && own_.port == 0;
    for (;;) {
        if (family_ == Family::Unix) {
            if (place_ == nullptr) return Err{Errno::Einval};
        } else if (!is_loopback(own_.address)) {
            KOS_TRY(listen_on_servers(backlog));
        }
        const bool has_servers_port = link_count_ != 0;
        const auto done = listen_locally(backlog);
        if (done) break;
        if (state_ == State::New) close_links();
        if (!is_any_port) return done;
        // The server's free port is taken within the app: its next one.
        own_.port = 0;
        if (!has_servers_port || done.error() != Errno::Eaddrinuse) return done;
    }
    state_ = State::Listening;
    return {};
}

/// Where others of the app connect to: not to an address of one network alone.
Outcome<void> Socket::listen_locally(Word backlog) {
    LocalSockets& local = process().local_sockets;
    if (place_ == nullptr) {
        if (own_.address != 0 && !is_loopback(own_.address)) return {};
        place_ = KOS_TRY(local.bind(LocalName{own_}));
        place_is_own_ = true;
        own_.port = place_->name.endpoint.port;
    }
    local.listen(*place_, backlog);
    return {};
}

Outcome<void> Socket::listen_on_servers(Word backlog) {
    const Word servers = process().servers.count();
    if (state_ == State::Listening) {
        for (std::uint8_t i = 0; i < link_count_; ++i) {
            KOS_TRY(links_[i].call(Call::Listen, own_.address, own_.port, backlog));
        }
        return {};
    }
    Errno error = Errno::Eaddrnotavail;
    for (Word server = 0; server < servers; ++server) {
        const auto opened = MessageServers::call(server, Call::OpenStream);
        if (!opened) {
            close_links();
            return Err{opened.error()};
        }
        const Link link{server, (*opened)[0]};
        const auto port = link.call(Call::Listen, own_.address, own_.port, backlog);
        if (port) {
            own_.port = static_cast<std::uint32_t>((*port)[0]);
            links_[link_count_++] = link;
            continue;
        }
        (void)link.call(Call::Close);
        error = port.error();
        // An address is one message server's.
        if (error != Errno::Eaddrnotavail) break;
    }
    // Without a network there is still the app itself, on all addresses.
    if (link_count_ == 0 && (servers > 0 || own_.address != 0)) return Err{error};
    return {};
}

Outcome<void> Socket::connect(const Endpoint& endpoint) {
    const Locked locked(lock_);
    if (state_ == State::Connected) return Err{Errno::Eisconn};
    if (state_ == State::Listening) return Err{Errno::Einval};
    if (endpoint.address != 0 && !is_loopback(endpoint.address)) {
        return connect_to_service(endpoint);
    }
    const Endpoint there{endpoint.address == 0 ? loopback : endpoint.address, endpoint.port};
    const auto done = connect_locally(LocalName{there});
    // Where Linux would ask again for a while.
    if (!done && done.error() == Errno::Eagain) return Err{Errno::Econnrefused};
    if (done) peer_ = there;
    return done;
}

Outcome<void> Socket::connect_locally(const LocalName& name) {
    const auto connected = KOS_TRY(process().local_sockets.connect(name));
    local_ = connected.end;
    place_ = connected.place;
    own_ = connected.own;
    state_ = State::Connected;
    return {};
}

Outcome<void> Socket::connect_to_service(const Endpoint& endpoint) {
    const Word servers = process().servers.count();
    if (servers == 0) return Err{Errno::Enetunreach};
    for (Word server = 0; server < servers; ++server) {
        const auto opened = MessageServers::call(server, Call::OpenStream);
        if (!opened) return Err{opened.error()};
        const Link link{server, (*opened)[0]};
        const Word asks_elsewhere = server + 1 < servers ? 1 : 0;
        const auto own = link.call(Call::Connect, endpoint.address, endpoint.port, asks_elsewhere);
        if (own) {
            own_ = {static_cast<std::uint32_t>((*own)[0]), static_cast<std::uint32_t>((*own)[1])};
            peer_ = endpoint;
            links_[0] = link;
            link_count_ = 1;
            state_ = State::Connected;
            return {};
        }
        (void)link.call(Call::Close);
        if (own.error() != Errno::Enetunreach) return Err{own.error()};
    }
    // What is beyond the app's networks looks as if it were not there.
    return Err{Errno::Econnrefused};
}

Outcome<void> Socket::connect_to_path(std::string_view path) {
    const Locked locked(lock_);
    if (state_ == State::Connected) return Err{Errno::Eisconn};
    if (state_ == State::Listening || place_ != nullptr) return Err{Errno::Einval};
    if (is_stream_) return connect_locally(LocalName{path});
    const MessageServers::Socket found = KOS_TRY(process().servers.find(path));
    const auto opened =
        KOS_TRY(MessageServers::call(found.server, Call::OpenSession, found.number));
    links_[0] = {found.server, opened[0]};
    link_count_ = 1;
    state_ = State::Connected;
    return {};
}

Outcome<Socket::Accepted> Socket::accept() {
    if (state_ != State::Listening) return Err{Errno::Einval};
    for (;;) {
        const std::uint32_t since = process().activity.now();
        for (std::uint8_t i = 0; i < link_count_; ++i) {
            if (!links_[i].has(flag::acceptable)) continue;
            const auto accepted = links_[i].call(Call::Accept);
            if (accepted) {
                const auto& words = *accepted;
                return Accepted{
                    {links_[i].server(), words[0]},
                    {static_cast<std::uint32_t>(words[3]), own_.port},
                    {static_cast<std::uint32_t>(words[1]), static_cast<std::uint32_t>(words[2])}};
            }
            if (accepted.error() != Errno::Eagain) return Err{accepted.error()};
        }
        if (place_ != nullptr) {
            const auto accepted = process().local_sockets.accept(*place_);
            if (accepted) {
                const bool is_path = family_ == Family::Unix;
                const Endpoint own = is_path ? Endpoint{} : Endpoint{loopback, own_.port};
                return Accepted{{}, own, accepted->peer, accepted->end, place_};
            }
        }
        if (!blocking()) return Err{Errno::Eagain};
        process().activity.wait(since, std::nullopt);
    }
}

void Socket::Accepted::close() const {
    if (local.in == nullptr) {
        (void)link.call(Call::Close);
        return;
    }
    local.close(process().activity);
    process().local_sockets.release(*place, false);
}

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
    } else if (const std::uint32_t pending = link().pending(); pending > 0) {
        const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), pending));
        link().peek(0, bytes.first(count));
        if (!keeps) link().drop(count);
        return Outcome<Word>{Word{count}};
    }
    if (is_reset) return Outcome<Word>{Err{Errno::Econnreset}};
    if (is_ended) return Outcome<Word>{Word{0}};
    return std::nullopt;
}

Outcome<Word> Socket::receive(MutableBytes bytes, Manner manner) {
    if (bytes.empty()) return Word{0};
    for (;;) {
        const std::uint32_t since = process().activity.now();
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
    const std::uint32_t room = link().room();
    if (keeps_messages_apart()) {
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
    const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), room));
    if (count == 0) return std::nullopt;
    link().put(0, bytes.first(count));
    link().give(count);
    return Outcome<Word>{Word{count}};
}

Outcome<Word> Socket::send(Bytes bytes, bool blocks) {
    Word sent = 0;
    while (sent < bytes.size()) {
        const std::uint32_t since = process().activity.now();
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
    if (link().pending() > 0) ready |= in;
    const std::uint32_t least = keeps_messages_apart()
                                    ? sizeof(FrameLength) + message::longest_payload
                                    : message::ring_size / 4;
    if (link().has(flag::no_output) || link().room() >= least) ready |= out;
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
