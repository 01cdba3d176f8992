// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A link over a connected stream socket: each frame after its length, 32 bits, big-endian, as
// QEMU's `-netdev stream` and passt speak. Such frames have nothing left to do: no offloads.
#pragma once

#include "lib/linux/event_loop.hpp"
#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"
#include "vmm/virtio/net/net.hpp"

#include <memory>
#include <vector>

namespace kos::qemu {

class StreamLink final : public virtio::Link {
   public:
    /// \p loop outlives the link.
    [[nodiscard]] static sys::Result<std::unique_ptr<StreamLink>> create(sys::EventLoop& loop,
                                                                         sys::UniqueFd socket);
    ~StreamLink();
    StreamLink(const StreamLink&) = delete;
    StreamLink& operator=(const StreamLink&) = delete;
    /// The device that frames go to; before anything happens.
    void attach(virtio::Net& device) { device_ = &device; }

    [[nodiscard]] virtio::Features offloads() const override { return 0; }
    void send(const virtio::NetHeader& header, virtio::ReadableBuffers frame) override;
    void receive_ready() override;

   private:
    static constexpr std::size_t length_size = 4;
    static constexpr std::size_t max_backlog = 1 << 20;

    StreamLink(sys::EventLoop& loop, sys::UniqueFd socket)
        : loop_(loop), socket_(std::move(socket)) {}

    void handle(std::uint32_t events);
    void read();
    /// Delivers whole frames as long as the guest takes them.
    void deliver();
    void write();
    void update();
    void hang_up();

    sys::EventLoop& loop_;
    sys::UniqueFd socket_;
    virtio::Net* device_ = nullptr;
    std::vector<std::byte> incoming_, outgoing_;
    bool waiting_ = false;  ///< for buffers of the guest
};

}  // namespace kos::qemu
