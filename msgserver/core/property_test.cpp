// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Random apps that publish, request, send, connect, write, read, close, die and start again: nobody
// hears what was not meant for him, streams keep their order, and in the end nothing is left.
#include "msgserver/core/test_server.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <random>

namespace kos::msgserver::testing {
namespace {

constexpr std::uint32_t member_count = 4;

/// Networks 0 and 1; app 3 is on both, apps 0 and 1 on the first, app 2 on the second.
std::vector<message::Member> four_apps() {
    const std::array<std::vector<std::uint32_t>, member_count> networks{{{0}, {0}, {1}, {0, 1}}};
    std::vector<message::Member> members;
    for (std::uint32_t m = 0; m < member_count; ++m) {
        message::Member member{.app = m, .name = "app" + std::to_string(m)};
        std::uint64_t mask = 0;
        for (const std::uint32_t network : networks[m]) {
            member.addresses.push_back({network, 0x0a000000 + network * 256 + m + 1});
            mask |= 1u << network;
        }
        member.sockets = {{"msg0", mask}};
        member.publishes = {"p" + std::to_string(m)};
        members.push_back(member);
    }
    return members;
}

bool meet(std::uint32_t a, std::uint32_t b) {
    constexpr std::array<unsigned, member_count> masks{1, 1, 2, 3};
    return (masks[a] & masks[b]) != 0;
}

class World {
   public:
    explicit World(std::uint32_t seed) : random_(seed) {}

    void step() {
        const std::uint32_t m = below(member_count);
        switch (below(10)) {
            case 0:
                return life_or_death(m);
            case 1:
                return open(m);
            case 2:
                return write_garbage(m);
            case 3:
                return connect(m);
            case 4:
                return accept(m);
            case 5:
                return close(m);
            default:
                return below(2) == 0 ? talk(m) : move_bytes(m);
        }
    }
    void end_all() {
        for (std::uint32_t m = 0; m < member_count; ++m) server_.engine.set_state(m, 99, false);
        for (const MemberState& member : server_.engine.members()) {
            for (const ChannelState& channel : member.channels) {
                ASSERT_EQ(channel.kind, ChannelKind::Free);
            }
            for (const TokenState& token : member.tokens) ASSERT_FALSE(token.is_used);
            for (const Publication& one : member.publications) ASSERT_TRUE(one.owner.is_null());
        }
    }
    [[nodiscard]] unsigned heard() const { return heard_; }
    [[nodiscard]] unsigned streamed() const { return streamed_; }

   private:
    /// Whose bytes a stream carries: the writer's number and a counter make each byte.
    struct End {
        Client client;
        std::uint32_t key = 0;  ///< of what it writes; the peer reads with the same
        std::uint32_t peer_key = 0;
        std::uint32_t written = 0, read = 0;
    };

    std::uint32_t below(std::uint32_t limit) {
        return static_cast<std::uint32_t>(random_()) % limit;
    }
    static char byte_at(std::uint32_t key, std::uint32_t position) {
        return static_cast<char>((key * 31 + position * 7 + position / 251) & 0xff);
    }

    void life_or_death(std::uint32_t m) {
        if (below(4) != 0) return;
        server_.engine.set_state(m, ++starts_[m], below(8) != 0);
        sessions_[m].clear();
        tokens_[m].clear();
        ends_[m].clear();
        listeners_[m].clear();
        if (!server_.engine.members()[m].is_running)
            server_.engine.set_state(m, ++starts_[m], true);
    }
    void open(std::uint32_t m) {
        if (sessions_[m].size() < 3) {
            const CallAnswer opened = server_.call(m, Call::OpenSession);
            if (opened.error != Errno::Ok) return;
            sessions_[m].push_back({server_, m, static_cast<std::uint32_t>(opened.words[0])});
            sessions_[m].back().send(Opcode::Publish, "p" + std::to_string(m));
        } else if (listeners_[m].empty()) {
            const CallAnswer opened = server_.call(m, Call::OpenStream);
            if (opened.error != Errno::Ok) return;
            listeners_[m].push_back({server_, m, static_cast<std::uint32_t>(opened.words[0])});
            server_.call(m, Call::Listen, opened.words[0], 0, 80, 4);
        }
    }
    /// A connection of its own, spoilt.
    void write_garbage(std::uint32_t m) {
        const CallAnswer opened = server_.call(m, Call::OpenSession);
        if (opened.error != Errno::Ok) return;
        Client client{server_, m, static_cast<std::uint32_t>(opened.words[0])};
        std::string bytes;
        for (std::uint32_t i = below(64); i > 0; --i) bytes += static_cast<char>(random_());
        if (below(2) == 0) client.shared().to_head = static_cast<std::uint32_t>(random_());
        client.write(bytes);
        client.close();
    }
    void connect(std::uint32_t m) {
        const CallAnswer opened = server_.call(m, Call::OpenStream);
        if (opened.error != Errno::Ok) return;
        End end{{server_, m, static_cast<std::uint32_t>(opened.words[0])}};
        const std::uint32_t target = below(member_count), network = below(2);
        const std::uint32_t address = 0x0a000000 + network * 256 + target + 1;
        const CallAnswer connected =
            server_.call(m, Call::Connect, end.client.number(), address, 80);
        if (connected.error != Errno::Ok) {
            end.client.close();
            return;
        }
        ASSERT_TRUE(meet(m, target));
        end.key = static_cast<std::uint32_t>(connected.words[0] * 65536 + connected.words[1]) * 2;
        end.peer_key = end.key + 1;
        ends_[m].push_back(end);
    }
    void accept(std::uint32_t m) {
        if (listeners_[m].empty()) return;
        const CallAnswer accepted = server_.call(m, Call::Accept, listeners_[m].front().number());
        if (accepted.error != Errno::Ok) return;
        End end{{server_, m, static_cast<std::uint32_t>(accepted.words[0])}};
        end.peer_key =
            static_cast<std::uint32_t>(accepted.words[1] * 65536 + accepted.words[2]) * 2;
        end.key = end.peer_key + 1;
        ends_[m].push_back(end);
    }
    void close(std::uint32_t m) {
        if (!ends_[m].empty() && below(2) == 0) {
            const std::uint32_t i = below(static_cast<std::uint32_t>(ends_[m].size()));
            ends_[m][i].client.close();
            ends_[m].erase(ends_[m].begin() + i);
        } else if (!sessions_[m].empty() && below(3) == 0) {
            sessions_[m].front().close();
            sessions_[m].erase(sessions_[m].begin());
        }
    }
    void talk(std::uint32_t m) {
        if (sessions_[m].empty()) return;
        Client& session = sessions_[m][below(static_cast<std::uint32_t>(sessions_[m].size()))];
        while (const auto received = session.receive()) hear(m, *received);
        if (tokens_[m].empty() || below(4) == 0) {
            session.send(Opcode::Request, "p" + std::to_string(below(member_count)));
            return;
        }
        const auto& token = tokens_[m][below(static_cast<std::uint32_t>(tokens_[m].size()))];
        session.send(Opcode::Send, text_of(token) + std::string(1, static_cast<char>('0' + m)) +
                                       std::string(below(2000), 'x'));
    }
    void hear(std::uint32_t m, const Received& received) {
        if (received.is(Opcode::Granted) ||
            (received.opcode == 0x85 && received.status == Status::Ok)) {
            tokens_[m].push_back(received.token());
        } else if (received.is(Opcode::Message)) {
            ++heard_;
            const auto from = static_cast<std::uint32_t>(received.rest().at(0) - '0');
            ASSERT_LT(from, member_count);
            ASSERT_TRUE(meet(from, m)) << from << " is heard by " << m;
        }
    }
    void move_bytes(std::uint32_t m) {
        for (End& end : ends_[m]) {
            std::string bytes;
            for (std::uint32_t i = below(3000); i > 0; --i) {
                bytes += byte_at(end.key, end.written + static_cast<std::uint32_t>(bytes.size()));
            }
            end.written += static_cast<std::uint32_t>(end.client.write(bytes));
            for (const char byte : end.client.read(below(3000))) {
                ASSERT_EQ(byte, byte_at(end.peer_key, end.read)) << "at " << end.read;
                ++end.read;
                ++streamed_;
            }
        }
    }

    std::mt19937 random_;
    TestServer server_{four_apps()};
    std::array<std::uint32_t, member_count> starts_{1, 1, 1, 1};
    std::array<std::vector<Client>, member_count> sessions_, listeners_;
    std::array<std::vector<Token>, member_count> tokens_;
    std::array<std::vector<End>, member_count> ends_;
    unsigned heard_ = 0, streamed_ = 0;
};

TEST(MessageServerPropertyTest, NobodyHearsWhatIsNotForHimAndNothingIsLeftInTheEnd) {
    unsigned heard = 0, streamed = 0;
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        World world{seed};
        for (int i = 0; i < 2000 && !::testing::Test::HasFatalFailure(); ++i) world.step();
        world.end_all();
        ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "seed " << seed;
        heard += world.heard();
        streamed += world.streamed();
    }
    EXPECT_GT(heard, 100u);
    EXPECT_GT(streamed, 100'000u);
}

}  // namespace
}  // namespace kos::msgserver::testing
