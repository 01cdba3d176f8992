// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// One front end's use of a device: what its messages do ("Starting and stopping rings" in QEMU's
// docs/interop/vhost-user). It is the device's transport.
//
//   SET_VRING_NUM, _BASE, _ADDR, _ENABLE, then _KICK ──► the queue runs ──► GET_VRING_BASE: stopped
#pragma once

#include "vmm/engine/qemu/vhost_user/mapping.hpp"
#include "vmm/engine/qemu/vhost_user/message.hpp"
#include "vmm/virtio/device/device.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kos::vhost_user {

enum class SessionError : std::uint8_t {
    Payload,      ///< not the size that the request has
    Descriptors,  ///< too few or too many descriptors, or no eventfd where one belongs
    Index,        ///< no such queue
    Memory,       ///< a memory table that cannot be mapped
    Ring,         ///< a queue that is not in the shared memory
    Features,     ///< features that were not offered
    Unknown,      ///< a request that was not offered
};
[[nodiscard]] std::string_view describe(SessionError error);

/// Waits for the eventfds by which the front end passes notifications on.
class KickWatcher {
   public:
    virtual void watch(unsigned queue, sys::Fd kick) = 0;
    virtual void unwatch(sys::Fd kick) = 0;

   protected:
    ~KickWatcher() = default;
};

class Session final : public virtio::Transport {
   public:
    /// A line for the log.
    using Log = std::function<void(const std::string&)>;
    /// The payload of an answer; empty where there is none.
    using Reply = std::vector<std::byte>;

    /// All of them outlive the session.
    Session(virtio::Device& device, KickWatcher& watcher, Log log);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Handles a message and gives its answer.
    Result<Reply, SessionError> handle(Message& message);
    /// The kick descriptor of a queue was signalled.
    void kicked(unsigned queue);

    void used(unsigned queue) override;
    void config_changed() override {}
    void again(unsigned queue) override;
    void failed(unsigned queue, virtio::DriverError error, bool first) override;

   private:
    static constexpr std::size_t max_queues = 16;

    struct Vring {
        std::uint16_t size = 0;
        std::uint16_t base = 0;
        std::optional<VringAddress> address;
        bool enabled = false;
        sys::UniqueFd kick, call, error;
    };
    using Handled = Result<Reply, SessionError>;

    [[nodiscard]] std::uint64_t protocol_features() const;
    Handled set_features(const Message& message);
    Handled set_memory(Message& message);
    Handled set_vring_state(const Message& message);
    Handled set_vring_address(const Message& message);
    Handled get_vring_base(const Message& message);
    Handled set_vring_descriptor(Message& message);
    Handled get_config(const Message& message) const;
    Handled set_config(const Message& message);

    [[nodiscard]] std::optional<unsigned> index_of(std::uint64_t index) const;
    Result<void, SessionError> start_if_ready(unsigned index);
    void stop(unsigned index);
    void deactivate_if_idle();

    virtio::Device& device_;
    KickWatcher& watcher_;
    Log log_;
    SharedMemory memory_;
    std::array<Vring, max_queues> vrings_;
    virtio::Features features_ = 0;
    bool has_protocol_features_ = false;
};

}  // namespace kos::vhost_user
