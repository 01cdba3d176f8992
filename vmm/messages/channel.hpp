// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A channel of a message server, as its client has it (lib/message/area.hpp).
#pragma once

#include "vmm/messages/servers.hpp"

#include <cstdint>

namespace kos::vmm {

class MessageChannel {
   public:
    MessageChannel() = default;
    MessageChannel(MessageServers& servers, std::uint32_t server, std::uint64_t channel)
        : servers_(&servers),
          server_(static_cast<std::uint8_t>(server)),
          channel_(static_cast<std::uint8_t>(channel)) {}

    [[nodiscard]] std::uint32_t server() const { return server_; }
    [[nodiscard]] std::uint32_t flags() const;
    /// Bytes that wait to be taken; room for bytes to be put.
    [[nodiscard]] std::uint32_t pending() const;
    [[nodiscard]] std::uint32_t room() const;
    /// How many bytes the server has taken since the channel was opened, modulo 2^32.
    [[nodiscard]] std::uint32_t taken_by_server() const;
    /// Moves waiting bytes into \p target; how many.
    std::size_t take(MutableBytes target) const;
    /// Puts \p bytes, for which there is room. The server looks at them after kick().
    void put(Bytes bytes) const;
    void kick() const { (void)call(message::Call::Kick); }  // it has no error to tell
    MessageServers::Answer call(message::Call call, std::uint64_t a = 0, std::uint64_t b = 0,
                                std::uint64_t c = 0) const {
        return servers_->call(server_, call, {channel_, a, b, c});
    }

   private:
    [[nodiscard]] message::Channel& shared() const;
    [[nodiscard]] std::byte* ring(bool from_client) const;

    MessageServers* servers_ = nullptr;
    std::uint8_t server_ = 0;
    std::uint8_t channel_ = 0;
};

}  // namespace kos::vmm
