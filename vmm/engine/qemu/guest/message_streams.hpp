// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams that a guest asks for, carried to its VMM in the machine as records
// (lib/vm/external.hpp).
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/vm/external.hpp"
#include "vmm/virtio/vsock/socket.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace kos::qemu {

class MessageStreams final : public virtio::SocketHost {
   public:
    /// Streams that the guest has asked for and the VMM has not answered yet. More are refused:
    /// a guest that asks and gives up again makes no more records than these.
    static constexpr std::size_t most_unanswered = 32;

    /// \p records gets what the VMM is to know.
    explicit MessageStreams(std::function<void(Bytes)> records) : records_(std::move(records)) {}
    /// The device that this is the host's end of; before anything happens.
    void attach(virtio::Socket& device) { device_ = &device; }

    /// What the VMM has to say: whole records.
    void take(Bytes records);
    /// It is one of these streams.
    [[nodiscard]] bool has(virtio::StreamId id) const { return numbers_.contains(id); }

    void connect_requested(virtio::StreamId id, virtio::StreamPorts ports) override;
    void connected(virtio::StreamId id) override;
    void received(virtio::StreamId id, virtio::ReadableBuffers bytes) override;
    std::uint64_t send(virtio::StreamId id, virtio::WritableBuffers target) override;
    void guest_finished(virtio::StreamId id, bool sending, bool receiving) override;
    void closed(virtio::StreamId id) override;

   private:
    struct Stream {
        virtio::StreamId id;
        std::string out;  ///< at most what the VMM has room for
    };

    void take(const external::StreamRecord& record, Bytes data);
    void tell(std::uint32_t stream, external::StreamOperation operation, std::uint32_t value,
              Bytes data = {});
    void drop(std::uint32_t number);

    std::function<void(Bytes)> records_;
    virtio::Socket* device_ = nullptr;
    // Numbers are used once, so that the VMM's words about a stream that has ended mean no other.
    std::uint32_t next_ = 1;
    std::map<std::uint32_t, Stream> streams_;
    std::map<virtio::StreamId, std::uint32_t> numbers_;
    std::set<std::uint32_t> unanswered_;  ///< also where the guest has ended them
};

}  // namespace kos::qemu
