// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The bridge's end of the streams that the machine carries (lib/vm/external.hpp).
#pragma once

#include "vmm/engine/external/device.hpp"
#include "vmm/messages/bridge.hpp"

#include <array>
#include <cstdint>

namespace kos::external {

class MessageStreams final : public vmm::GuestStreams {
   public:
    /// \p device outlives it; nothing happens before attach().
    explicit MessageStreams(const Device& device) : device_(device) {}
    void attach(vmm::MessageBridge& bridge) { bridge_ = &bridge; }

    /// Takes what the machine has to tell.
    void receive();

    void accept(vmm::StreamNumber stream, std::uint32_t window) override;
    void abort(vmm::StreamNumber stream) override;
    void wake(vmm::StreamNumber stream) override;
    void consumed(vmm::StreamNumber stream, std::uint32_t bytes) override;
    void finish(vmm::StreamNumber stream) override;
    void close(vmm::StreamNumber stream) override;

   private:
    struct Stream {
        bool is_used = false;
        bool has_data = false;
        bool is_finishing = false, is_closing = false;
        vmm::StreamNumber number = 0;
        std::uint32_t room = 0;  ///< bytes that the machine takes
    };

    void take(const StreamRecord& record, Bytes data);
    void pump(Stream& stream);
    void tell(vmm::StreamNumber stream, StreamOperation operation, std::uint32_t value = 0,
              Bytes data = {});
    [[nodiscard]] Stream* find(vmm::StreamNumber number);

    const Device& device_;
    vmm::MessageBridge* bridge_ = nullptr;
    std::array<Stream, vmm::MessageBridge::most_streams> streams_{};
};

}  // namespace kos::external
