// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The driver's side of a split virtqueue, for tests: what a guest's kernel would do, and worse.
//
//   driver.chain().readable(header).writable(512).submit();
//   device.notified(0);
//   driver.used()                → the answer's bytes
#pragma once

#include "vmm/virtio/queue/layout.hpp"
#include "vmm/virtio/queue/queue.hpp"
#include "vmm/virtio/testing/fake_guest.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kos::virtio {

/// A buffer of a chain in the making.
struct FakeBuffer {
    GuestAddress address;
    std::uint32_t size = 0;
    bool writable = false;
};

/// A chain that the device gave back.
struct UsedChain {
    std::uint16_t head = 0;
    std::uint32_t written = 0;
    std::vector<std::byte> answer;  ///< the first `written` bytes of its writable parts
};

class FakeDriver;

class ChainBuilder {
   public:
    explicit ChainBuilder(FakeDriver& driver) : driver_(driver) {}

    /// A copy of \p bytes in guest memory, for the device to read.
    ChainBuilder& readable(Bytes bytes);
    ChainBuilder& readable(std::string_view text) { return readable(as_bytes(text)); }
    template <class T>
    requires(std::is_trivially_copyable_v<T> && !std::is_convertible_v<T, std::string_view> &&
             !std::is_convertible_v<T, Bytes>) ChainBuilder& readable(const T& value) {
        return readable(bytes_of(value));
    }
    /// Fresh memory for the device to write.
    ChainBuilder& writable(std::uint32_t size);
    /// Any address at all.
    ChainBuilder& buffer(FakeBuffer buffer);
    /// Puts the buffers into an indirect table.
    ChainBuilder& indirect();

    /// Makes the chain available and gives its head.
    std::uint16_t submit();

   private:
    FakeDriver& driver_;
    std::vector<FakeBuffer> buffers_;
    bool indirect_ = false;
};

class FakeDriver {
   public:
    FakeDriver(FakeGuest& guest, std::uint16_t size, bool event_index = false);

    /// What to start the device's side with.
    [[nodiscard]] const QueueConfig& config() const { return config_; }
    [[nodiscard]] FakeGuest& guest() { return guest_; }

    [[nodiscard]] ChainBuilder chain() { return ChainBuilder{*this}; }
    /// The next chain that the device gave back; frees its descriptors.
    std::optional<UsedChain> used();

    /// Asks for an interrupt at the next used chain, as a driver that goes to sleep does.
    void want_interrupt();
    void refuse_interrupts();
    /// Whether the device wants to hear of the chains made available since it last looked.
    [[nodiscard]] bool device_wants_notification();
    [[nodiscard]] std::uint16_t available_index() const { return available_index_; }
    [[nodiscard]] std::size_t free_descriptors() const { return free_.size(); }

    /// What no driver does.
    void set_descriptor(std::uint16_t index, const Descriptor& descriptor);
    void make_available(std::uint16_t head);
    void set_available_index(std::uint16_t index);

   private:
    friend class ChainBuilder;
    struct Submitted {
        std::vector<FakeBuffer> buffers;
        std::vector<std::uint16_t> descriptors;
    };
    std::uint16_t take_descriptor();
    void write16(GuestAddress address, std::uint16_t value);
    [[nodiscard]] std::uint16_t read16(GuestAddress address);

    FakeGuest& guest_;
    QueueConfig config_;
    std::vector<std::uint16_t> free_;
    std::vector<Submitted> submitted_;  ///< by head
    std::uint16_t available_index_ = 0, used_index_ = 0;
};

}  // namespace kos::virtio
