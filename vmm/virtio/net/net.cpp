// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/net/net.hpp"

#include "vmm/virtio/net/packet.hpp"

namespace kos::virtio {

namespace {

constexpr std::uint16_t queue_size = 256;

/// Writes a frame with its checksum filled in, the rest as it is.
class FrameWriter {
   public:
    FrameWriter(Bytes frame, std::size_t place, std::uint16_t checksum)
        : frame_(frame),
          place_(place),
          checksum_{static_cast<std::byte>(checksum >> 8), static_cast<std::byte>(checksum)} {}
    explicit FrameWriter(Bytes frame) : frame_(frame), place_(frame.size()) {}

    [[nodiscard]] bool done() const { return at_ == frame_.size(); }
    /// Fills \p target as far as the frame goes; how many bytes that were.
    std::uint64_t write_to(WritableBuffers target) {
        const std::uint64_t size = target.size();
        while (target.size() != 0 && !done()) {
            const std::size_t before = at_;
            if (at_ < place_) {
                at_ += target.write(frame_.subspan(at_, place_ - at_));
            } else if (at_ < place_ + checksum_.size()) {
                at_ += target.write(Bytes{checksum_}.subspan(at_ - place_));
            } else {
                at_ += target.write(frame_.subspan(at_));
            }
            if (at_ == before) break;
        }
        return size - target.size();
    }

   private:
    Bytes frame_;
    std::size_t place_;
    std::array<std::byte, 2> checksum_{};
    std::size_t at_ = 0;
};

void must_fit(bool fitted) {
    if (!fitted) panic("Net: a header has more parts than bytes");
}

}  // namespace

Net::Net(Link& link, const MacAddress& mac, std::uint16_t mtu)
    : Device(DeviceType::Network, queues_, queue_size), link_(link), mac_(mac), mtu_(mtu) {}

Features Net::offered() const {
    return net_mac | net_status | net_mergeable | net_guest_offloads |
           (link_.offloads() & net_host_offloads) | (mtu_ != 0 ? net_mtu : 0);
}

void Net::read_config(std::uint64_t offset, MutableBytes target) const {
    NetConfig config;
    config.mac = mac_;
    config.status = up_ ? net_link_up : std::uint16_t{0};
    config.max_virtqueue_pairs = std::uint16_t{1};
    config.mtu = mtu_;
    read_config_of(bytes_of(config), offset, target);
}

void Net::set_link(bool up) {
    if (std::exchange(up_, up) != up && transport() != nullptr) transport()->config_changed();
}

void Net::on_activate() { link_.guest_accepts(accepted_features() & net_guest_offloads); }

void Net::on_reset() {
    // The driver that the link waited for is gone.
    if (std::exchange(starved_, false)) link_.receive_ready();
}

Result<void, DriverError> Net::process(unsigned index) {
    if (index == transmit_queue) {
        return drain(index, [this](Chain& chain) { return transmit(chain); });
    }
    if (std::exchange(starved_, false)) link_.receive_ready();
    return {};
}

Result<void, DriverError> Net::transmit(const Chain& chain) {
    ReadableBuffers frame = chain.readable();
    const auto header = frame.read<NetHeader>();
    if (!header) return Err{RequestError::Header};
    if (is_sound(*header, frame.size(), accepted_features() & net_host_offloads)) {
        ++net_metrics_.sent;
        net_metrics_.bytes_sent += frame.size();
        link_.send(*header, frame);
    } else {
        ++net_metrics_.dropped_sent;
    }
    own_queue(transmit_queue).push(chain, 0);
    return {};
}

Delivery Net::deliver(const NetHeader& header, Bytes frame) {
    Delivery delivery = Delivery::NoBuffers;
    run(receive_queue, [&]() -> Result<void, DriverError> {
        delivery = KOS_TRY(receive(header, frame));
        return {};
    });
    net_metrics_.no_buffers += delivery == Delivery::NoBuffers ? 1 : 0;
    net_metrics_.dropped_received += delivery == Delivery::Dropped ? 1 : 0;
    starved_ = delivery == Delivery::NoBuffers;
    return delivery;
}

Result<Delivery, DriverError> Net::receive(NetHeader header, Bytes frame) {
    const Features accepts = host_from_guest(accepted_features());
    const bool can_checksum = (accepts & net_host_checksum) != 0;
    const bool needs_checksum = (header.flags & net_needs_checksum) != 0;
    // A checksum can be made here; segments cannot.
    if (!is_sound(header, frame.size(), accepts | net_host_checksum)) return Delivery::Dropped;
    FrameWriter writer{frame};
    if (needs_checksum && !can_checksum) {
        const auto place = std::size_t{header.checksum_start} + std::size_t{header.checksum_offset};
        writer = FrameWriter{frame, place, checksum_of(header, frame)};
    }
    // Section 5.1.6.4.1: such a guest sees no flags at all.
    if (!can_checksum) header.flags = 0;

    const std::uint64_t total = sizeof header + frame.size();
    Queue& queue = own_queue(receive_queue);
    std::array<Buffer, max_buffers> buffers;
    std::size_t count = 0;
    // Of the first buffer, which the next one's chain takes the place of.
    StaticVector<MutableBytes, sizeof header> header_place;
    for (std::uint64_t left = total; left != 0;) {
        const bool first = count == 0;
        const bool mergeable = accepted(net_mergeable);
        if ((!first && !mergeable) || count == buffers.size()) {
            for (; count != 0; --count) queue.undo_pop();
            return Delivery::Dropped;
        }
        if (!KOS_TRY(pop_buffer(receive_queue))) {
            for (; count != 0; --count) queue.undo_pop();
            return Delivery::NoBuffers;
        }
        WritableBuffers target = chain().writable();
        std::uint64_t written = 0;
        if (first) {
            if (target.size() < sizeof header) return Err{RequestError::Answer};
            written = target.each(sizeof header, [&header_place](MutableBytes part) {
                must_fit(header_place.push_back(part));
            });
        }
        written += writer.write_to(target);
        if (written == 0) return Err{RequestError::Answer};
        buffers[count++] = {chain().head(), static_cast<std::uint32_t>(written)};
        left -= written;
    }
    header.num_buffers = static_cast<std::uint16_t>(count);
    (void)WritableBuffers{header_place.items(), sizeof header}.write_value(header);
    // The driver is to see all buffers of a frame at once (section 5.1.6.4).
    for (std::size_t i = 0; i < count; ++i) queue.stage(buffers[i].head, buffers[i].written);
    queue.publish();
    ++net_metrics_.received;
    net_metrics_.bytes_received += frame.size();
    return Delivery::Done;
}

}  // namespace kos::virtio
