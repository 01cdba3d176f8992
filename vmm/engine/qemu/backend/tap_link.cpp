// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/backend/tap_link.hpp"

#include "vmm/virtio/queue/chain.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace kos::qemu {

using virtio::NetHeader;

sys::Result<std::unique_ptr<TapLink>> TapLink::open(sys::EventLoop& loop, const std::string& name) {
    sys::UniqueFd tap{::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)};
    if (!tap) return sys::last_error();
    ifreq request{};
    name.copy(request.ifr_name, sizeof(request.ifr_name) - 1);
    request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    KOS_TRY(sys::done(::ioctl(tap.get(), TUNSETIFF, &request)));
    int header_size = sizeof(NetHeader);
    KOS_TRY(sys::done(::ioctl(tap.get(), TUNSETVNETHDRSZ, &header_size)));
    const sys::Fd fd = tap.get();
    std::unique_ptr<TapLink> link{new TapLink{loop, std::move(tap)}};
    KOS_TRY(loop.add(fd, EPOLLIN, [end = link.get()](std::uint32_t) { end->read(); }));
    return link;
}

void TapLink::guest_accepts(virtio::Features offloads) {
    unsigned flags = 0;
    const auto add = [&](virtio::Features offload, unsigned flag) {
        flags |= (offloads & offload) != 0 ? flag : 0;
    };
    add(virtio::net_guest_checksum, TUN_F_CSUM);
    add(virtio::net_guest_tso4, TUN_F_TSO4);
    add(virtio::net_guest_tso6, TUN_F_TSO6);
    add(virtio::net_guest_ecn, TUN_F_TSO_ECN);
    // Where the kernel refuses, it does all of it itself.
    (void)::ioctl(tap_.get(), TUNSETOFFLOAD, flags);
}

void TapLink::send(const NetHeader& header, virtio::ReadableBuffers frame) {
    std::array<iovec, virtio::Chain::max_parts + 1> parts;
    // The kernel's type serves reading and writing, and so has no const.
    parts[0] = {const_cast<NetHeader*>(&header), sizeof(header)};
    std::size_t count = 1;
    frame.each(frame.size(), [&](Bytes part) {
        parts[count++] = {const_cast<std::byte*>(part.data()), part.size()};
    });
    // What the interface does not take is lost, as on a wire.
    [[maybe_unused]] const auto sent = ::writev(tap_.get(), parts.data(), static_cast<int>(count));
}

void TapLink::receive_ready() {
    if (size_ == 0 || !deliver()) return;
    listen(true);
}

void TapLink::read() {
    for (int i = 0; i < share; ++i) {
        const ssize_t size = ::read(tap_.get(), frame_.data(), frame_.size());
        if (size < static_cast<ssize_t>(sizeof(NetHeader))) return;
        size_ = static_cast<std::size_t>(size);
        if (!deliver()) return listen(false);
    }
}

bool TapLink::deliver() {
    const Bytes packet = Bytes{frame_}.first(size_);
    const auto header = read_at<NetHeader>(packet, 0).value_or(NetHeader{});
    const auto done = device_->deliver(header, packet.subspan(sizeof(NetHeader)));
    // Without a driver there is nobody to wait for.
    if (done == virtio::Delivery::NoBuffers && device_->active()) return false;
    size_ = 0;
    return true;
}

void TapLink::listen(bool on) { (void)loop_.change(tap_.get(), on ? EPOLLIN + 0u : 0u); }

}  // namespace kos::qemu
