// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: the message server's engine, and tickets that count, for a bridge.
#pragma once

#include "msgserver/core/test_server.hpp"
#include "vmm/messages/bridge.hpp"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace kos::vmm::testing {

using msgserver::testing::TestServer;

/// The bridge's message servers: the VMM is the same member of each.
class EngineServers final : public MessageServers {
   public:
    EngineServers(std::vector<TestServer*> servers, std::uint32_t member)
        : servers_(std::move(servers)), member_(member) {}
    [[nodiscard]] std::uint32_t count() const override {
        return static_cast<std::uint32_t>(servers_.size());
    }
    [[nodiscard]] std::byte* area(std::uint32_t server) const override {
        return servers_[server]->area(member_);
    }
    Answer call(std::uint32_t server, message::Call call,
                const std::array<std::uint64_t, 4>& words) override {
        const auto answer = servers_[server]->engine.call(member_, call, words);
        return {static_cast<std::uint64_t>(answer.error), answer.words};
    }

   private:
    std::vector<TestServer*> servers_;
    std::uint32_t member_;
};

class CountingTickets final : public TicketSource {
   public:
    message::Token ticket() override {
        message::Token token{};
        token[0] = ++drawn_;
        return token;
    }

   private:
    std::uint8_t drawn_ = 0;
};

}  // namespace kos::vmm::testing
