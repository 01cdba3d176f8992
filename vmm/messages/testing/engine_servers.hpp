// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// For tests: the message server's engine, and tickets that count, for a bridge.
#pragma once

#include "msgserver/core/test_server.hpp"
#include "vmm/messages/bridge.hpp"

#include <array>
#include <cstdint>

namespace kos::vmm::testing {

using msgserver::testing::TestServer;

/// The bridge's message server: the VMM is \p member there.
class EngineServers final : public MessageServers {
   public:
    EngineServers(TestServer& server, std::uint32_t member) : server_(server), member_(member) {}
    [[nodiscard]] std::uint32_t count() const override { return 1; }
    [[nodiscard]] std::byte* area(std::uint32_t /*server*/) const override {
        return server_.area(member_);
    }
    Answer call(std::uint32_t /*server*/, message::Call call,
                const std::array<std::uint64_t, 4>& words) override {
        const auto answer = server_.engine.call(member_, call, words);
        return {static_cast<std::uint64_t>(answer.error), answer.words};
    }

   private:
    TestServer& server_;
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
