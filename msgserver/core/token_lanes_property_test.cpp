// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "msgserver/core/test_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

namespace kos::msgserver::testing {
namespace {

std::string number(std::uint32_t value) { return std::string{as_text(bytes_of(Le32{value}))}; }

/// Two apps that send, read, revoke, close, die and start again at random.
class World {
   public:
    explicit World(std::uint32_t seed) : random_(seed) { begin(); }

    void step() {
        const std::uint32_t m = below(2);
        const std::uint32_t what = below(1000);
        if (what == 0) return die(m);
        if (what == 1) return revoke(m);
        if (what < 500) return send(m);
        if (what < 750) return hear(m, 1 + below(4));
        if (tokens_[1].empty() || (tokens_[1].size() < 3 && below(20) == 0)) request();
    }
    void finish() {
        for (const std::uint32_t m : {0u, 1u}) hear(m, 100'000);
        for (const auto& [token, flow] : flows_) {
            for (const std::uint32_t m : {0u, 1u}) {
                ASSERT_TRUE(flow.is_void || flow.heard[m] == flow.sent[1 - m]);
            }
        }
        for (const std::uint32_t m : {0u, 1u}) server_.engine.set_state(m, 99, false);
        ASSERT_TRUE(server_.lane_given.empty());
    }
    [[nodiscard]] unsigned by_lane() const { return by_lane_; }
    [[nodiscard]] unsigned voided() const { return voided_; }

   private:
    struct Flow {
        std::array<std::uint32_t, 2> sent{}, heard{};  ///< by member
        bool is_void = false;
    };

    std::uint32_t below(std::uint32_t limit) {
        return static_cast<std::uint32_t>(random_()) % limit;
    }
    void begin() {
        for (const std::uint32_t m : {0u, 1u}) ends_[m] = Client::session(server_, m);
        ends_[0]->ask(Opcode::Publish, "temperature");
    }
    void request() {
        const Received answer = ends_[1]->ask(Opcode::Request, "temperature");
        if (answer.status != Status::Ok) return;
        flows_[answer.token()] = {};
        tokens_[1].push_back(answer.token());
    }
    void send(std::uint32_t m) {
        if (tokens_[m].empty()) return;
        const Token token = tokens_[m][below(static_cast<std::uint32_t>(tokens_[m].size()))];
        Flow& flow = flows_[token];
        const std::string body = text_of(token) + number(flow.sent[m]) +
                                 std::string(below(8) == 0 ? below(4000) : below(50), 'x');
        if (ends_[m]->place_of(text_of(token))) ++by_lane_;
        const Status status = ends_[m]->ask(Opcode::Send, body).status;
        if (status == Status::Ok) ++flow.sent[m];
        ASSERT_TRUE(status == Status::Ok || status == Status::Full ||
                    (status == Status::NotFound && flow.is_void));
    }
    void hear(std::uint32_t m, std::uint32_t count) {
        while (count-- > 0) {
            const auto event = ends_[m]->event();
            if (!event) return;
            Flow& flow = flows_[event->token()];
            auto& own = tokens_[m];
            const auto known = std::find(own.begin(), own.end(), event->token());
            if (event->is(Opcode::Granted)) {
                own.push_back(event->token());
            } else if (event->is(Opcode::Gone)) {
                // All that was sent came before, and nothing comes behind.
                ASSERT_EQ(flow.heard[m], flow.sent[1 - m]);
                if (known != own.end()) own.erase(known);
            } else if (event->is(Opcode::Message)) {
                ASSERT_NE(known, own.end());
                ASSERT_EQ(event->rest().substr(0, 4), number(flow.heard[m]));
                ++flow.heard[m];
            }
        }
    }
    void forget(std::uint32_t m, const Token& token) {
        flows_[token].is_void = true;
        ++voided_;
        std::erase(tokens_[m], token);
    }
    void revoke(std::uint32_t m) {
        if (tokens_[m].empty()) return;
        const Token token = tokens_[m].front();
        // What came already is heard first: it goes with the token.
        hear(m, 100'000);
        if (tokens_[m].empty() || tokens_[m].front() != token) return;
        ASSERT_EQ(ends_[m]->ask(Opcode::Revoke, text_of(token)).status, Status::Ok);
        forget(m, token);
    }
    void die(std::uint32_t m) {
        while (!tokens_[m].empty()) forget(m, Token{tokens_[m].front()});
        server_.engine.set_state(m, ++starts_[m], true);
        ends_[m] = Client::session(server_, m);
        if (m == 0) ends_[0]->ask(Opcode::Publish, "temperature");
        // Tokens that it never heard of.
        for (auto& [token, flow] : flows_) {
            if (std::find(tokens_[1 - m].begin(), tokens_[1 - m].end(), token) !=
                tokens_[1 - m].end()) {
                flow.is_void = true;
            }
        }
    }

    std::mt19937 random_;
    TestServer server_{three_apps()};
    std::array<std::uint32_t, 2> starts_{1, 1};
    std::array<std::optional<Client>, 2> ends_;
    std::array<std::vector<Token>, 2> tokens_;
    std::map<Token, Flow> flows_;
    unsigned by_lane_ = 0, voided_ = 0;
};

TEST(TokenLanesPropertyTest, NoMessageIsLostOrOutOfItsOrderAndNothingComesBehindTheEnd) {
    unsigned by_lane = 0, voided = 0;
    for (std::uint32_t seed = 0; seed < 10; ++seed) {
        World world{seed};
        for (int i = 0; i < 6000 && !::testing::Test::HasFatalFailure(); ++i) world.step();
        world.finish();
        ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "seed " << seed;
        by_lane += world.by_lane();
        voided += world.voided();
    }
    EXPECT_GT(by_lane, 5000u);
    EXPECT_GT(voided, 50u);
}

}  // namespace
}  // namespace kos::msgserver::testing
