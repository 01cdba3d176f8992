// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/network/port_link.hpp"

namespace kos::vmm {

using virtio::Delivery;

namespace {

/// Bytes that a guest is given in one go: a flood does not keep it from running.
constexpr std::uint32_t most_in_one_go = ethernet::ring_size;

}  // namespace

PortLink::PortLink(SwitchCalls& net, MutableBytes buffer)
    : net_(net),
      buffer_(buffer),
      writer_(net.area() + ethernet::from_ring_offset),
      reader_(net.area() + ethernet::to_ring_offset) {}

bool PortLink::open() {
    is_open_ = net_.call(ethernet::Call::Attach);
    return is_open_;
}

void PortLink::kick() {
    has_sent_ = false;
    is_open_ = net_.call(ethernet::Call::Kick);
}

void PortLink::send(const virtio::NetHeader& header, virtio::ReadableBuffers frame) {
    if (!is_open_) return;
    const auto size = static_cast<std::uint32_t>(sizeof header + frame.size());
    if (!writer_.fits(size, ethernet::load(board().from_head))) kick();
    if (!writer_.fits(size, ethernet::load(board().from_head))) {
        ++lost_;
        return;
    }
    writer_.begin(size);
    writer_.add(bytes_of(header));
    frame.each(frame.size(), [this](Bytes part) { writer_.add(part); });
    writer_.end();
    ethernet::store(board().from_tail, writer_.tail());
    has_sent_ = true;
}

void PortLink::receive_ready() {
    is_starved_ = false;
    (void)hand_over();  // what is left, tend() looks at
}

bool PortLink::tend() {
    if (is_open_ && has_sent_) kick();
    return is_starved_ || hand_over();
}

bool PortLink::hand_over() {
    std::uint32_t given = 0;
    while (is_open_) {
        const ethernet::Next next = reader_.next(ethernet::load(board().to_tail));
        if (next == ethernet::Next::Nonsense) {
            is_open_ = false;
            break;
        }
        if (next == ethernet::Next::None) {
            if (ethernet::load(board().kick_after_read) != 0) {
                kick();
            } else if (may_sleep()) {
                break;
            }
            continue;
        }
        if (given + reader_.size() > most_in_one_go) return false;
        given += reader_.size();
        const Delivery delivery = deliver();
        // Without a driver there is nobody to wait for.
        is_starved_ = delivery == Delivery::NoBuffers && device_->active();
        if (is_starved_) return true;
        reader_.pop();
        ethernet::store(board().to_head, reader_.head());
    }
    return true;
}

Delivery PortLink::deliver() {
    const Bytes packet = reader_.packet(buffer_);
    const auto header = read_at<virtio::NetHeader>(packet, 0);
    if (!header || device_ == nullptr) return Delivery::Dropped;
    return device_->deliver(*header, packet.subspan(sizeof *header));
}

bool PortLink::may_sleep() {
    ethernet::store(board().wants_signal, 1);
    if (ethernet::load(board().to_tail) == reader_.head()) return true;
    ethernet::store(board().wants_signal, 0);
    return false;
}

}  // namespace kos::vmm
