// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Sockets as system calls, over message servers in the test's own process.
#include "libos/abi/socket.hpp"

#include "libos/testing/app.hpp"
#include "libos/testing/servers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

namespace kos::libos {
namespace {

using namespace testing;
namespace server = kos::msgserver::testing;
using message::Opcode;

constexpr Word inet = 2, unix = 1, stream = 1, packets = 5, peek = 2, do_not_wait = 0x40;

struct SocketAddress {
    std::uint16_t family = inet;
    std::array<std::uint8_t, 2> port{};
    std::array<std::uint8_t, 4> address{};
    std::array<std::uint8_t, 8> zero{};

    SocketAddress(std::uint32_t ipv4, std::uint16_t number)
        : port{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
          address{static_cast<std::uint8_t>(ipv4 >> 24), static_cast<std::uint8_t>(ipv4 >> 16),
                  static_cast<std::uint8_t>(ipv4 >> 8), static_cast<std::uint8_t>(ipv4)} {}
};

struct SocketTest : ::testing::Test {
    Servers servers;
    App app{small_root(), {}, 2};

    SocketTest() { app.manager.message_servers = &servers; }
    Word made(Word family = inet, Word type = stream) {
        return app.must_call(number::socket, {family, type, 0});
    }
    Answer connect(Word socket, std::uint32_t address, std::uint16_t port) {
        const SocketAddress to{address, port};
        return app.call(number::connect, {socket, address_of(&to), sizeof to});
    }
    /// A connection to port 80 of the first server's first member, and that's end.
    std::pair<Word, server::Client> connection() {
        auto& first = servers.all[0];
        server::Client listener = server::Client::stream(first, 0);
        first.call(0, message::Call::Listen, listener.number(), 0, 80, 1);
        const Word socket = made();
        EXPECT_TRUE(connect(socket, server::server_address, 80).ok());
        const auto accepted = first.call(0, message::Call::Accept, listener.number());
        return {socket, {first, 0, static_cast<std::uint32_t>(accepted.words[0])}};
    }
    /// The same, when it has carried what makes a lane worth it.
    std::pair<Word, server::Client> connection_with_lane() {
        auto [socket, peer] = connection();
        const std::string block(message::ring_size, 'b');
        while (!peer.lane()) {
            EXPECT_EQ(peer.write(block), block.size());
            EXPECT_EQ(receive(socket, buffer.size()).value(), block.size());
        }
        return {socket, peer};
    }
    /// The app's only channel with a lane, at the first server.
    std::uint32_t lane_channel() {
        return static_cast<std::uint32_t>(std::countr_zero(servers.all[0].board(1).lanes));
    }
    Word session() {
        const Word socket = made(unix, packets);
        const PathAddress to;
        app.must_call(number::connect, {socket, address_of(&to), sizeof to});
        return socket;
    }
    Answer receive(Word socket, Word size, Word flags = do_not_wait) {
        return app.call(number::recvfrom, {socket, address_of(buffer.data()), size, flags, 0, 0});
    }

    std::array<char, 16384> buffer{};
};

TEST_F(SocketTest, BytesGoBothWays) {
    auto [socket, peer] = connection();
    EXPECT_EQ(app.must_call(number::write, {socket, address_of("hello"), 5}), 5u);
    EXPECT_EQ(peer.read(), "hello");
    peer.write("answer");
    EXPECT_EQ(receive(socket, 100, peek).value(), 6u);
    EXPECT_EQ(receive(socket, 100).value(), 6u);
    EXPECT_EQ((std::string_view{buffer.data(), 6}), "answer");
    EXPECT_EQ(receive(socket, 100).error(), Errno::Eagain);
    peer.close();
    EXPECT_EQ(receive(socket, 100).value(), 0u);
}

TEST_F(SocketTest, AStreamWithALaneNeedsNoServerButForThreadsBeyondTheFirst) {
    auto [socket, peer] = connection_with_lane();
    auto& first = servers.all[0];
    peer.lane()->arm(2);
    peer.lane()->arm(9);
    first.woken.clear();
    EXPECT_EQ(app.must_call(number::write, {socket, address_of("straight"), 8}), 8u);
    EXPECT_EQ(servers.signalled, (decltype(servers.signalled){{0, lane_channel(), 2}}));
    EXPECT_EQ(first.woken, (decltype(first.woken){{0, 9}}));
    EXPECT_EQ(peer.lane()->pending(), 8u);
    EXPECT_EQ(peer.read(), "straight");
    peer.write("and back");
    EXPECT_EQ(receive(socket, 3, peek).value(), 3u);
    EXPECT_EQ(receive(socket, 100).value(), 8u);
    EXPECT_EQ((std::string_view{buffer.data(), 8}), "and back");
    peer.write("last words");
    peer.close();
    EXPECT_EQ(receive(socket, 100).value(), 10u);
    EXPECT_EQ(receive(socket, 100).value(), 0u);
}

TEST_F(SocketTest, APeerThatTakesBackItsChangesHidesNoOthers) {
    auto [socket, peer] = connection_with_lane();
    auto* const head = reinterpret_cast<message::LaneHead*>(servers.lane(0, lane_channel()));
    message::LaneEnd& end = head->ends[servers.all[0].board(1).channels[lane_channel()].lane - 1];
    Activity::Watch watch{app.process().activity};
    EXPECT_TRUE(watch.wait());
    EXPECT_EQ(end.waiters, 1u);
    EXPECT_EQ(servers.all[1].board(0).waiters, 1u);
    // Whatever a peer writes, the other server's signal ends the sleep.
    end.changes -= 1;
    end.waiters = 0;
    app.manager.signal(0);
    EXPECT_TRUE(watch.wait());
}

TEST_F(SocketTest, WhichServerKnowsAnAddressDecidesAndNoneIsBlamedForAnother) {
    auto& second = servers.all[1];
    server::Client listener = server::Client::stream(second, 1);
    second.call(1, message::Call::Listen, listener.number(), 0, 80, 1);
    EXPECT_TRUE(connect(made(), server::client_address + 0x1000, 80).ok());
    EXPECT_EQ(connect(made(), server::server_address, 81).error(), Errno::Econnrefused);
    EXPECT_TRUE(servers.all[0].log.empty());
    EXPECT_TRUE(second.log.empty());
    EXPECT_EQ(connect(made(), server::stranger_address, 80).error(), Errno::Econnrefused);
    EXPECT_TRUE(servers.all[0].log.empty());
    EXPECT_EQ(second.log.size(), 1u);
}

TEST_F(SocketTest, ANetworkWhoseChannelsAreUsedUpKeepsTheAppOffNoOther) {
    auto& first = servers.all[0];
    while (first.call(Servers::member(0), message::Call::OpenStream).error == msgserver::Errno::Ok)
        continue;
    auto& second = servers.all[1];
    server::Client listener = server::Client::stream(second, 1);
    second.call(1, message::Call::Listen, listener.number(), 0, 80, 1);
    EXPECT_TRUE(connect(made(), server::client_address + 0x1000, 80).ok());
    EXPECT_EQ(connect(made(), server::stranger_address, 80).error(), Errno::Emfile);
}

TEST_F(SocketTest, PositionsThatTheAppHasSpoiltLeadToNothingBeyondARing) {
    auto [socket, peer] = connection();
    const auto end = static_cast<std::byte>('!');
    std::byte* const area = servers.area(0);
    // The second channel's rings: what lies behind the first's.
    std::fill_n(area + message::ring_offset(1), message::ring_size, end);
    auto& channel = servers.all[0].board(1).channels[0];
    channel.to_head = channel.to_tail + 1;
    EXPECT_EQ(receive(socket, buffer.size()).value(), message::ring_size);
    EXPECT_EQ(std::count(buffer.begin(), buffer.end(), '!'), 0);
    channel.from_tail = channel.from_head + message::ring_size + 1;
    EXPECT_EQ(app.error_of(number::sendto, {socket, address_of("x"), 1, do_not_wait, 0, 0}),
              Errno::Eagain);
}

TEST_F(SocketTest, AFrameOfAnotherLengthThanPayloadsHaveEndsTheConnection) {
    const Word socket = session();
    servers.all[0].board(1).channels[0].to_tail = 100;  // of zeros
    EXPECT_EQ(receive(socket, buffer.size()).error(), Errno::Econnreset);
}

TEST_F(SocketTest, APacketIsAMessageHoweverManyBuffersItComesFrom) {
    const Word socket = session();
    const std::string hello{as_text(message::PayloadWriter{Opcode::Hello, 1}.number(1).payload())};
    std::array parts{abi::IoVector{address_of(hello.data()), 5},
                     abi::IoVector{address_of(hello.data() + 5), hello.size() - 5}};
    EXPECT_EQ(app.must_call(number::writev, {socket, address_of(parts.data()), 2}), hello.size());
    std::array targets{abi::IoVector{address_of(buffer.data()), 10},
                       abi::IoVector{address_of(buffer.data() + 10), 100}};
    app.must_call(number::writev, {socket, address_of(parts.data()), 2});
    EXPECT_EQ(app.must_call(number::readv, {socket, address_of(targets.data()), 2}), 10u);
    EXPECT_EQ(receive(socket, buffer.size()).value(), 16u);  // the second answer
    const std::string large(4000, 'x');
    parts = {abi::IoVector{address_of(hello.data()), 8},
             abi::IoVector{address_of(large.data()), large.size()}};
    EXPECT_EQ(app.error_of(number::writev, {socket, address_of(parts.data()), 2}), Errno::Emsgsize);
}

TEST_F(SocketTest, SeveralBuffersDoNotWaitForMoreThanHasCome) {
    auto [socket, peer] = connection();
    peer.write("abc");
    const std::array targets{abi::IoVector{address_of(buffer.data()), 3},
                             abi::IoVector{address_of(buffer.data() + 3), 100}};
    EXPECT_EQ(app.must_call(number::readv, {socket, address_of(targets.data()), 2}), 3u);
    peer.write("defg");
    EXPECT_EQ(app.must_call(number::readv, {socket, address_of(targets.data()), 2}), 4u);
    peer.write("hijk");
    abi::MessageHeader header{.name = 0,
                              .name_size = 0,
                              .padding = 0,
                              .vectors = address_of(targets.data()),
                              .vector_count = 2,
                              .control = 0,
                              .control_size = 0,
                              .flags = 0,
                              .padding2 = 0};
    EXPECT_EQ(app.must_call(number::recvmsg, {socket, address_of(&header), peek}), 3u);
    EXPECT_EQ(app.must_call(number::recvmsg, {socket, address_of(&header), 0}), 4u);
    EXPECT_EQ((std::string_view{buffer.data(), 4}), "hijk");
}

}  // namespace
}  // namespace kos::libos
