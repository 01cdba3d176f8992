// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Message servers for libos's tests, in the test's own process.
#pragma once

#include "libos/testing/fake_manager.hpp"
#include "msgserver/core/test_server.hpp"

#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

namespace kos::libos::testing {

/// The app's peers, each a member of a message server of its own: three_apps() of test_server.hpp.
/// The app itself is the client of the first and the server of the second.
class Servers final : public FakeMessageServers {
   public:
    std::byte* area(std::uint64_t number) override { return all[number].area(member(number)); }
    Answer call(std::uint64_t number, std::uint64_t label,
                const std::array<std::uint64_t, 4>& words) override {
        const auto answer =
            all[number].engine.call(member(number), static_cast<message::Call>(label), words);
        return {static_cast<std::uint64_t>(answer.error), answer.words};
    }
    std::byte* lane(std::uint64_t number, std::uint64_t channel) override {
        return all[number].lane(member(number), static_cast<std::uint32_t>(channel));
    }
    void signal(std::uint64_t number, std::uint64_t channel, std::uint64_t thread) override {
        signalled.emplace_back(number, channel, thread);
    }
    std::vector<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>> signalled;
    static std::uint32_t member(std::uint64_t number) { return number == 0 ? 1 : 0; }

    static std::vector<message::Member> of_second() {
        auto members = msgserver::testing::three_apps();
        for (message::Member& one : members) one.addresses[0].ipv4 += 0x1000;
        return members;
    }
    std::array<msgserver::testing::TestServer, 2> all{
        msgserver::testing::TestServer{msgserver::testing::three_apps()},
        msgserver::testing::TestServer{of_second()}};
};

struct PathAddress {
    std::uint16_t family = 1;
    std::array<char, 32> path{"/var/run/msg0.sock"};
};

}  // namespace kos::libos::testing
