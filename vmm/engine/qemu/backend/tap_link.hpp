// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A link to the host's kernel: a tap interface (Linux, Documentation/networking/tuntap.rst). Frames
// have VIRTIO's header on both sides, so that checksums and segments are left to whoever does them.
#pragma once

#include "lib/linux/event_loop.hpp"
#include "lib/linux/result.hpp"
#include "lib/linux/unique_fd.hpp"
#include "vmm/virtio/net/net.hpp"

#include <array>
#include <memory>
#include <string>

namespace kos::qemu {

class TapLink final : public virtio::Link {
   public:
    /// The tap interface \p name, which is made where it is not there; \p loop outlives the link.
    [[nodiscard]] static sys::Result<std::unique_ptr<TapLink>> open(sys::EventLoop& loop,
                                                                    const std::string& name);
    ~TapLink() { loop_.remove(tap_.get()); }
    TapLink(const TapLink&) = delete;
    TapLink& operator=(const TapLink&) = delete;
    /// The device that frames go to; before anything happens.
    void attach(virtio::Net& device) { device_ = &device; }

    [[nodiscard]] virtio::Features offloads() const override { return virtio::net_host_offloads; }
    void guest_accepts(virtio::Features offloads) override;
    void send(const virtio::NetHeader& header, virtio::ReadableBuffers frame) override;
    void receive_ready() override;

   private:
    /// Frames in one go, so that others have their turn.
    static constexpr int share = 64;

    TapLink(sys::EventLoop& loop, sys::UniqueFd tap) : loop_(loop), tap_(std::move(tap)) {}
    void read();
    /// False where the guest has no buffers for the frame.
    bool deliver();
    void listen(bool on);

    sys::EventLoop& loop_;
    sys::UniqueFd tap_;
    virtio::Net* device_ = nullptr;
    std::array<std::byte, sizeof(virtio::NetHeader) + virtio::max_frame> frame_{};
    std::size_t size_ = 0;  ///< of the frame that waits for buffers, with its header
};

}  // namespace kos::qemu
