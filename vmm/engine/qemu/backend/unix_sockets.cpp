// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/backend/unix_sockets.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/socket.hpp"
#include "vmm/engine/qemu/backend/io_vectors.hpp"

#include <charconv>
#include <sys/socket.h>

namespace kos::qemu {

using virtio::StreamId;

namespace {

constexpr std::string_view connect_word = "CONNECT ";
/// "CONNECT ", ten digits, and the end of the line.
constexpr std::size_t max_request = 19;

std::uint16_t key(StreamId id) { return static_cast<std::uint16_t>(id); }

std::optional<std::uint32_t> port_in(std::string_view line) {
    if (!line.starts_with(connect_word)) return std::nullopt;
    line.remove_prefix(connect_word.size());
    std::uint32_t port = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), port);
    if (error != std::errc{} || end != line.data() + line.size()) return std::nullopt;
    return port;
}

}  // namespace

sys::Result<std::unique_ptr<UnixSockets>> UnixSockets::create(sys::EventLoop& loop,
                                                              std::string path) {
    sys::UniqueFd listener = KOS_TRY(sys::listen_stream(path));
    const sys::Fd fd = listener.get();
    KOS_TRY(sys::do_not_block(fd));
    std::unique_ptr<UnixSockets> sockets{
        new UnixSockets{loop, std::move(path), std::move(listener)}};
    KOS_TRY(loop.add(fd, EPOLLIN, [end = sockets.get()](std::uint32_t) { end->accept(); }));
    return sockets;
}

UnixSockets::~UnixSockets() {
    for (const auto& [fd, owner] : asking_) loop_.remove(fd);
    for (const auto& [id, stream] : streams_) loop_.remove(stream.socket.get());
    if (listener_) loop_.remove(listener_.get());
}

void UnixSockets::accept() {
    sys::UniqueFd socket{
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!socket) {
        // Whoever comes while there is no descriptor to spare waits until one is closed.
        if (errno == EMFILE || errno == ENFILE) listen(false);
        return;
    }
    const sys::Fd fd = socket.get();
    // Edges only: a part of a line stays in the socket, and is no reason to wake again.
    constexpr std::uint32_t edges = EPOLLIN | EPOLLRDHUP | EPOLLET;
    if (loop_.add(fd, edges, [this, fd](std::uint32_t came) { read_request(fd, came); })) {
        asking_[fd] = std::move(socket);
    }
}

void UnixSockets::listen(bool on) {
    if (!listener_ || std::exchange(listens_, on) == on) return;
    (void)loop_.change(listener_.get(), on ? EPOLLIN + 0u : 0u);
}

void UnixSockets::read_request(sys::Fd socket, std::uint32_t events) {
    // The line is looked at before it is taken: what follows it is for the guest.
    std::array<char, max_request> text;
    const ssize_t size = ::recv(socket, text.data(), text.size(), MSG_PEEK);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const std::string_view seen{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    const std::size_t end = seen.find('\n');
    const bool more_may_come = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0;
    if (end == seen.npos && size > 0 && seen.size() < max_request && more_may_come) return;

    loop_.remove(socket);
    const auto found = asking_.find(socket);
    sys::UniqueFd owner = std::move(found->second);
    asking_.erase(found);
    listen(true);
    const auto port = end == seen.npos ? std::nullopt : port_in(seen.substr(0, end));
    if (!port || ::recv(socket, text.data(), end + 1, 0) < 0) return;
    connect(std::move(owner), *port);
}

void UnixSockets::connect(sys::UniqueFd socket, std::uint32_t port) {
    const std::uint32_t host_port = next_port_++;
    // Whoever is refused finds the socket closed.
    const auto id = device_->connect({.guest = port, .host = host_port}, window);
    if (id && !open(*id, std::move(socket), host_port, true)) device_->abort(*id);
}

bool UnixSockets::open(StreamId id, sys::UniqueFd socket, std::uint32_t host_port, bool asked) {
    const sys::Fd fd = socket.get();
    // A host program that waits for its OK has nothing to say before.
    const std::uint32_t events = asked ? 0u : EPOLLIN + 0u;
    if (!loop_.add(fd, events, [this, id](std::uint32_t came) { handle(id, came); })) return false;
    Stream& stream = streams_[key(id)];
    stream = {};
    stream.socket = std::move(socket);
    stream.host_port = host_port;
    stream.asked = asked;
    stream.reading = !asked;
    return true;
}

void UnixSockets::connect_requested(StreamId id, virtio::StreamPorts ports) {
    if (path_.empty()) return device_->refuse(id);
    // Never waits for a host program that is slow to accept: it is as one that does not listen.
    auto socket = sys::connect_stream(path_ + "_" + std::to_string(ports.host), SOCK_NONBLOCK);
    if (!socket) return device_->refuse(id);
    if (!open(id, std::move(socket).value(), ports.host, false)) return device_->refuse(id);
    device_->accept(id, window);
}

void UnixSockets::connected(StreamId id) {
    Stream& stream = streams_[key(id)];
    const std::string answer = "OK " + std::to_string(stream.host_port) + "\n";
    (void)!::send(stream.socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    stream.asked = false;
    stream.reading = true;
    update(stream);
}

void UnixSockets::received(StreamId id, virtio::ReadableBuffers bytes) {
    Stream& stream = streams_[key(id)];
    if (stream.backlog.empty()) {
        const IoVectors parts{bytes};
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(parts.data());
        message.msg_iovlen = static_cast<std::size_t>(parts.size());
        const ssize_t sent = ::sendmsg(stream.socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes.skip(static_cast<std::uint64_t>(sent));
            device_->consumed(id, static_cast<std::uint32_t>(sent));
        } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            device_->abort(id);
            return drop(id);
        }
    }
    if (bytes.empty()) return;
    bytes.each(bytes.size(), [&stream](Bytes part) { stream.backlog.append(as_text(part)); });
    update(stream);
}

std::uint64_t UnixSockets::send(StreamId id, virtio::WritableBuffers target) {
    Stream& stream = streams_[key(id)];
    if (stream.ended) return 0;
    const IoVectors parts{target};
    const ssize_t size = ::readv(stream.socket.get(), parts.data(), parts.size());
    if (size > 0) return static_cast<std::uint64_t>(size);
    const bool later = size < 0 && (errno == EAGAIN || errno == EINTR);
    stream.reading = later;
    stream.ended = !later;
    update(stream);
    if (stream.ended) {
        device_->finish(id);
        finish_if_through(id, stream);
    }
    return 0;
}

void UnixSockets::guest_finished(StreamId id, bool sending, bool receiving) {
    Stream& stream = streams_[key(id)];
    stream.guest_finished = stream.guest_finished || sending;
    stream.guest_deaf = stream.guest_deaf || receiving;
    finish_if_through(id, stream);
}

void UnixSockets::closed(StreamId id) { drop(id); }

void UnixSockets::handle(StreamId id, std::uint32_t events) {
    Stream& stream = streams_[key(id)];
    if (stream.asked && (events & (EPOLLHUP | EPOLLERR)) != 0) {
        device_->abort(id);
        return drop(id);
    }
    if ((events & EPOLLOUT) != 0) write_backlog(id, stream);
    if (!streams_.contains(key(id))) return;
    if ((events & (EPOLLHUP | EPOLLERR)) != 0 && !stream.reading) {
        // Nobody is there to read what the guest sends; what was sent before still goes.
        loop_.remove(stream.socket.get());
        return device_->close(id);
    }
    if ((events & (EPOLLIN | EPOLLHUP)) != 0 && stream.reading) {
        stream.reading = false;
        update(stream);
        device_->wake(id);
    }
}

void UnixSockets::write_backlog(StreamId id, Stream& stream) {
    const ssize_t sent = ::send(stream.socket.get(), stream.backlog.data(), stream.backlog.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        device_->abort(id);
        return drop(id);
    }
    if (sent <= 0) return;
    stream.backlog.erase(0, static_cast<std::size_t>(sent));
    update(stream);
    device_->consumed(id, static_cast<std::uint32_t>(sent));
    // What the device did about it may have been the end of the stream.
    if (streams_.contains(key(id))) finish_if_through(id, stream);
}

void UnixSockets::finish_if_through(StreamId id, Stream& stream) {
    if (!stream.guest_finished || !stream.backlog.empty()) return;
    (void)::shutdown(stream.socket.get(), SHUT_WR);
    if (stream.guest_deaf || stream.ended) device_->close(id);
}

void UnixSockets::update(const Stream& stream) {
    const std::uint32_t events = (stream.reading && !stream.ended ? EPOLLIN + 0u : 0u) |
                                 (stream.backlog.empty() ? 0u : EPOLLOUT + 0u);
    (void)loop_.change(stream.socket.get(), events);
}

void UnixSockets::drop(StreamId id) {
    const auto found = streams_.find(key(id));
    if (found == streams_.end()) return;
    loop_.remove(found->second.socket.get());
    streams_.erase(found);
    listen(true);
}

}  // namespace kos::qemu
