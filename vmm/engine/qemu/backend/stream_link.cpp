// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/backend/stream_link.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace kos::qemu {

namespace {

std::uint32_t length_at(Bytes bytes) {
    std::uint32_t length = 0;
    for (const std::byte byte : bytes.first(4)) {
        length = length << 8 | static_cast<std::uint32_t>(byte);
    }
    return length;
}

}  // namespace

sys::Result<std::unique_ptr<StreamLink>> StreamLink::create(sys::EventLoop& loop,
                                                            sys::UniqueFd socket) {
    const sys::Fd fd = socket.get();
    std::unique_ptr<StreamLink> link{new StreamLink{loop, std::move(socket)}};
    KOS_TRY(
        loop.add(fd, EPOLLIN, [end = link.get()](std::uint32_t events) { end->handle(events); }));
    return link;
}

StreamLink::~StreamLink() { loop_.remove(socket_.get()); }

void StreamLink::send(const virtio::NetHeader& /*header*/, virtio::ReadableBuffers frame) {
    // A peer that does not read loses frames, as on a wire.
    if (!socket_ || outgoing_.size() > max_backlog) return;
    const auto size = static_cast<std::uint32_t>(frame.size());
    for (int shift = 24; shift >= 0; shift -= 8) {
        outgoing_.push_back(static_cast<std::byte>(size >> shift));
    }
    frame.each(size,
               [this](Bytes part) { outgoing_.insert(outgoing_.end(), part.begin(), part.end()); });
    write();
}

void StreamLink::receive_ready() {
    waiting_ = false;
    deliver();
    update();
}

void StreamLink::handle(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) write();
    if (!socket_) return;
    if ((events & EPOLLIN) != 0) return read();
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) hang_up();
}

void StreamLink::read() {
    const std::size_t before = incoming_.size();
    incoming_.resize(before + 65536);
    const ssize_t size = ::recv(socket_.get(), incoming_.data() + before, 65536, MSG_DONTWAIT);
    incoming_.resize(before + (size > 0 ? static_cast<std::size_t>(size) : 0));
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return hang_up();
    deliver();
    update();
}

void StreamLink::deliver() {
    std::size_t at = 0;
    while (!waiting_ && incoming_.size() - at >= length_size) {
        const Bytes rest = Bytes{incoming_}.subspan(at);
        const std::size_t length = length_at(rest);
        if (length > virtio::max_frame) return hang_up();  // not a peer that speaks this
        if (rest.size() - length_size < length) break;
        const auto done = device_->deliver({}, rest.subspan(length_size, length));
        // Without a driver there is nobody to wait for.
        waiting_ = done == virtio::Delivery::NoBuffers && device_->active();
        if (!waiting_) at += length_size + length;
    }
    incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(at));
}

void StreamLink::write() {
    const ssize_t size =
        ::send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && errno != EAGAIN && errno != EINTR) return hang_up();
    if (size > 0) outgoing_.erase(outgoing_.begin(), outgoing_.begin() + size);
    update();
}

void StreamLink::update() {
    if (!socket_) return;
    const std::uint32_t events =
        (waiting_ ? 0u : EPOLLIN + 0u) | (outgoing_.empty() ? 0u : EPOLLOUT + 0u);
    (void)loop_.change(socket_.get(), events);
}

void StreamLink::hang_up() {
    loop_.remove(socket_.get());
    socket_.reset();
    incoming_.clear();
    outgoing_.clear();
    device_->set_link(false);
}

}  // namespace kos::qemu
