// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Streams within an app that is on no network.
#include "libos/net/local.hpp"

#include "libos/abi/socket.hpp"
#include "libos/testing/app.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace kos::libos {
namespace {

using namespace testing;

constexpr Word unix = 1, inet = 2, inet6 = 10, stream = 1, packets = 5, non_blocking = 0x800;
constexpr std::uint16_t in = 1, out = 4, hang_up = 0x10;

struct Address {
    std::array<std::uint8_t, 110> bytes{};
    std::uint32_t size = 16;

    static Address of_inet(std::uint32_t ipv4, std::uint16_t port) {
        Address address;
        address.bytes[0] = inet;
        address.set_port(port);
        for (unsigned i = 0; i < 4; ++i) {
            address.bytes[4 + i] = static_cast<std::uint8_t>(ipv4 >> (24 - 8 * i));
        }
        return address;
    }
    static Address of_inet6_loopback(std::uint16_t port) {
        Address address;
        address.bytes[0] = inet6;
        address.set_port(port);
        address.bytes[23] = 1;
        address.size = 28;
        return address;
    }
    static Address of_path(std::string_view path) {
        Address address;
        address.bytes[0] = unix;
        std::copy(path.begin(), path.end(), address.bytes.begin() + 2);
        address.size = static_cast<std::uint32_t>(2 + path.size());
        return address;
    }
    void set_port(std::uint16_t port) {
        bytes[2] = static_cast<std::uint8_t>(port >> 8);
        bytes[3] = static_cast<std::uint8_t>(port);
    }
    [[nodiscard]] std::uint16_t port() const {
        return static_cast<std::uint16_t>(bytes[2] << 8 | bytes[3]);
    }
    [[nodiscard]] std::string path() const {
        return {reinterpret_cast<const char*>(bytes.data()) + 2, size - 2};
    }
};

constexpr std::uint32_t loopback = 0x7f00'0001;

struct LocalTest : ::testing::Test {
    App app;

    LocalTest() {
        constexpr Word pipe_signal = 13, ignore = 1;
        const abi::SignalAction ignored{ignore, 0, 0, 0};
        app.must_call(number::rt_sigaction, {pipe_signal, address_of(&ignored), 0, 8});
    }

    Word made(Word family = inet, Word type = stream | non_blocking) {
        return app.must_call(number::socket, {family, type, 0});
    }
    Answer bind(Word socket, const Address& to) {
        return app.call(number::bind, {socket, address_of(to.bytes.data()), to.size});
    }
    Answer connect(Word socket, const Address& to) {
        return app.call(number::connect, {socket, address_of(to.bytes.data()), to.size});
    }
    Answer accept(Word socket) { return app.call(number::accept4, {socket, 0, 0, non_blocking}); }
    Word listener(const Address& at, Word backlog = 8) {
        const Word socket = made(at.bytes[0]);
        EXPECT_TRUE(bind(socket, at).ok());
        app.must_call(number::listen, {socket, backlog});
        return socket;
    }
    Address name(Word call, Word socket) {
        Address address;
        address.size = address.bytes.size();
        app.must_call(call, {socket, address_of(address.bytes.data()), address_of(&address.size)});
        return address;
    }
    Answer write(Word socket, std::string_view text) {
        return app.call(number::write, {socket, address_of(text.data()), text.size()});
    }
    std::string read(Word socket) {
        std::array<char, 4096> buffer{};
        const auto count =
            app.call(number::read, {socket, address_of(buffer.data()), buffer.size()});
        return count ? std::string{buffer.data(), *count} : "error";
    }
    std::uint16_t readiness(Word socket) {
        abi::PollEntry entry{static_cast<int>(socket), in | out, 0};
        const abi::TimeSpec now{};
        app.must_call(number::ppoll, {address_of(&entry), 1, address_of(&now), 0, 0});
        return entry.returned;
    }
    void close(Word socket) { app.must_call(number::close, {socket}); }
    std::array<Word, 2> pair() {
        std::array<int, 2> ends{};
        app.must_call(number::socketpair,
                      {unix, stream | non_blocking, 0, address_of(ends.data())});
        return {static_cast<Word>(ends[0]), static_cast<Word>(ends[1])};
    }
    void talk(Word one, Word other) {
        EXPECT_EQ(write(one, "hello").value(), 5u);
        EXPECT_EQ(read(other), "hello");
        EXPECT_EQ(write(other, "answer").value(), 6u);
        EXPECT_EQ(read(one), "answer");
        EXPECT_EQ(read(one), "error") << "nothing more has come";
    }
};

TEST_F(LocalTest, LoopbackConnectsAnAppWithItself) {
    for (const bool is_inet6 : {false, true}) {
        const Address any = is_inet6 ? Address::of_inet6_loopback(0) : Address::of_inet(0, 0);
        const Word listening = listener(any);
        const std::uint16_t port = name(number::getsockname, listening).port();
        EXPECT_NE(port, 0);
        EXPECT_EQ(readiness(listening), 0);
        const Word client = made(is_inet6 ? inet6 : inet);
        const Address to =
            is_inet6 ? Address::of_inet6_loopback(port) : Address::of_inet(loopback, port);
        EXPECT_TRUE(connect(client, to).ok());
        EXPECT_EQ(readiness(listening), in);
        const Word server = accept(listening).value();
        EXPECT_EQ(accept(listening).error(), Errno::Eagain);
        EXPECT_EQ(name(number::getpeername, client).port(), port);
        EXPECT_EQ(name(number::getsockname, client).port(),
                  name(number::getpeername, server).port());
        talk(client, server);
        for (const Word socket : {client, server, listening}) close(socket);
    }
}

TEST_F(LocalTest, WhatIsNotThereRefuses) {
    EXPECT_EQ(connect(made(), Address::of_inet(loopback, 80)).error(), Errno::Econnrefused);
    EXPECT_EQ(connect(made(), Address::of_inet(0x0a59'0002, 80)).error(), Errno::Enetunreach);
    EXPECT_EQ(connect(made(unix), Address::of_path("/run/x")).error(), Errno::Enoent);
    EXPECT_EQ(connect(made(unix), Address::of_path({"\0x", 2})).error(), Errno::Econnrefused);
    const Word bound = made(unix);
    EXPECT_TRUE(bind(bound, Address::of_path("/run/x")).ok());
    EXPECT_EQ(connect(made(unix), Address::of_path("/run/x")).error(), Errno::Econnrefused);
    close(bound);
    EXPECT_EQ(connect(made(unix), Address::of_path("/run/x")).error(), Errno::Enoent);
}

TEST_F(LocalTest, APortHasOneListenerAndIsFreeAgainAfterwards) {
    const Word first = listener(Address::of_inet(0, 80));
    const Word second = made();
    EXPECT_TRUE(bind(second, Address::of_inet(loopback, 80)).ok());
    EXPECT_EQ(app.error_of(number::listen, {second, 1}), Errno::Eaddrinuse);
    close(first);
    app.must_call(number::listen, {second, 1});
}

TEST_F(LocalTest, PathsAndAbstractNamesAreNamesOfSockets) {
    for (const std::string_view path : {std::string_view{"/run/a.sock"}, {"\0abstract", 9}}) {
        const Word listening = listener(Address::of_path(path));
        EXPECT_EQ(bind(made(unix), Address::of_path(path)).error(), Errno::Eaddrinuse);
        const Word client = made(unix);
        EXPECT_TRUE(connect(client, Address::of_path(path)).ok());
        const Word server = accept(listening).value();
        talk(client, server);
        const std::string shown{std::string{path} + (path[0] == '/' ? std::string(1, '\0') : "")};
        for (const Word socket : {listening, server}) {
            EXPECT_EQ(name(number::getsockname, socket).path(), shown);
        }
        EXPECT_EQ(name(number::getpeername, client).path(), shown);
        EXPECT_EQ(name(number::getsockname, client).path(), "");
        EXPECT_EQ(name(number::getpeername, server).path(), "");
        for (const Word socket : {client, server, listening}) close(socket);
    }
}

TEST_F(LocalTest, AFullQueueRefusesAndAClosedOneEndsWhoWaits) {
    const Word listening = listener(Address::of_inet(loopback, 80), 2);
    const Word first = made(), second = made();
    EXPECT_TRUE(connect(first, Address::of_inet(loopback, 80)).ok());
    EXPECT_TRUE(connect(second, Address::of_inet(loopback, 80)).ok());
    EXPECT_EQ(connect(made(), Address::of_inet(loopback, 80)).error(), Errno::Econnrefused);
    // What the first has written and its end reach whoever accepts it.
    EXPECT_TRUE(write(first, "early").ok());
    close(first);
    const Word server = accept(listening).value();
    EXPECT_EQ(read(server), "early");
    EXPECT_EQ(read(server), "");
    close(listening);
    EXPECT_EQ(read(second), "");
    EXPECT_EQ(write(second, "x").error(), Errno::Epipe);
}

TEST_F(LocalTest, APairsEndsCloseByThemselves) {
    const auto [one, other] = pair();
    EXPECT_EQ(readiness(one), out);
    talk(one, other);
    app.must_call(number::shutdown, {one, 1});
    EXPECT_EQ(write(one, "x").error(), Errno::Epipe);
    EXPECT_EQ(read(other), "");
    EXPECT_EQ(write(other, "still").value(), 5u);
    EXPECT_EQ(read(one), "still");
    close(other);
    // The pipe that it had shut may be another's by now: it must not be touched.
    const auto [third, fourth] = pair();
    EXPECT_EQ(readiness(one) & hang_up, hang_up);
    close(one);
    talk(third, fourth);
}

TEST_F(LocalTest, AFullStreamIsNotReadyUntilItIsRead) {
    const auto [one, other] = pair();
    const std::string large(Pipe::capacity + 1, 'x');
    EXPECT_EQ(write(one, large).value(), Pipe::capacity);
    EXPECT_EQ(write(one, "y").error(), Errno::Eagain);
    EXPECT_EQ(readiness(one), 0);
    EXPECT_EQ(read(other).size(), 4096u);
    EXPECT_EQ(readiness(one), out);
}

TEST_F(LocalTest, EdgeTriggeredWatchesSeeEachArrivalOnce) {
    const auto [one, other] = pair();
    const Word set = app.must_call(number::epoll_create1, {0});
    abi::EpollEvent event{1u | 1u << 31, 0, 7};
    app.must_call(number::epoll_ctl, {set, 1, other, address_of(&event)});
    const auto count = [&] {
        return app.must_call(number::epoll_pwait, {set, address_of(&event), 1, 0, 0});
    };
    EXPECT_EQ(count(), 0u);
    EXPECT_TRUE(write(one, "a").ok());
    EXPECT_EQ(count(), 1u);
    EXPECT_EQ(count(), 0u);
    EXPECT_TRUE(write(one, "b").ok());
    EXPECT_EQ(count(), 1u);
}

TEST_F(LocalTest, NothingIsLostByManyStreams) {
    for (unsigned i = 0; i < 1000; ++i) {
        const auto [one, other] = pair();
        talk(one, other);
        close(i % 2 == 0 ? one : other);
        close(i % 2 == 0 ? other : one);
        const Word listening = listener(Address::of_inet(loopback, 80), 1);
        const Word client = made();
        EXPECT_TRUE(connect(client, Address::of_inet(loopback, 80)).ok());
        if (i % 2 == 0) close(accept(listening).value());
        close(listening);
        close(client);
    }
}

TEST_F(LocalTest, TooManyStreamsAreRefusedAndNoneIsHarmed) {
    const auto kept = pair();
    std::array<int, 2> ends{};
    Errno error = Errno::Eagain;
    for (unsigned i = 0; i < Process::pipe_count && error == Errno::Eagain; ++i) {
        const auto made = app.call(number::socketpair, {unix, stream, 0, address_of(ends.data())});
        if (!made) error = made.error();
    }
    EXPECT_EQ(error, Errno::Enfile);
    talk(kept[0], kept[1]);
}

TEST_F(LocalTest, WhatIsNotServedIsRefused) {
    std::array<int, 2> ends{};
    EXPECT_EQ(app.error_of(number::socketpair, {unix, packets, 0, address_of(ends.data())}),
              Errno::Eprotonosupport);
    EXPECT_EQ(app.error_of(number::socketpair, {inet, stream, 0, address_of(ends.data())}),
              Errno::Eopnotsupp);
    EXPECT_EQ(app.error_of(number::socketpair, {unix, stream, 0, 0}), Errno::Efault);
    EXPECT_EQ(bind(made(unix, packets), Address::of_path("/x")).error(), Errno::Eacces);
    // Descriptors are not passed on: better said than lost.
    const auto [one, other] = pair();
    abi::MessageHeader header{};
    header.control = address_of(&header);
    header.control_size = 24;
    EXPECT_EQ(app.error_of(number::sendmsg, {one, address_of(&header), 0}), Errno::Eopnotsupp);
}

}  // namespace
}  // namespace kos::libos
