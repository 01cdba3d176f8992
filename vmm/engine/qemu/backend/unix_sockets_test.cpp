// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A guest that speaks packets on one side, UNIX sockets on the other.

#include "vmm/engine/qemu/backend/unix_sockets.hpp"

#include "lib/linux/socket.hpp"
#include "vmm/virtio/testing/fake_transport.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sys/resource.h>
#include <sys/socket.h>

namespace kos::qemu {
namespace {

using namespace virtio;
using enum SocketOperation;

struct UnixSocketsTest : testing::Test {
    UnixSocketsTest() {
        EXPECT_NE(::mkdtemp(folder.data()), nullptr);
        path = folder + "/v";
        sockets = UnixSockets::create(loop, path).value();
        device.emplace(*sockets, 3, storage);
        sockets->attach(*device);
        bed.emplace(*device, Features{0});
        for (int i = 0; i < 32; ++i) bed->chain(0).writable(4096).submit();
    }
    ~UnixSocketsTest() override { std::filesystem::remove_all(folder); }

    void turn() {
        while (loop.run_once(20).value()) {
        }
    }
    void put(SocketOperation operation, StreamPorts ports, const std::string& text = {},
             std::uint32_t flags = 0) {
        SocketHeader header;
        header.source_cid = std::uint64_t{3};
        header.destination_cid = host_cid;
        header.source_port = ports.guest;
        header.destination_port = ports.host;
        header.type = socket_stream;
        header.operation = static_cast<std::uint16_t>(operation);
        header.window = 65536u;
        header.flags = flags;
        header.length = static_cast<std::uint32_t>(text.size());
        auto chain = bed->chain(1).readable(header);
        if (!text.empty()) chain.readable(text);
        chain.submit();
        bed->notify(1);
        (void)bed->queue(1).used();
    }
    SocketHeader last;
    std::string payload;
    SocketOperation get() {
        turn();
        const auto used = bed->queue(0).used();
        if (!used) return Invalid;
        last = value_in<SocketHeader>(used->answer);
        payload = as_text(used->answer).substr(sizeof last);
        return static_cast<SocketOperation>(std::uint16_t{last.operation});
    }
    static std::string read(sys::Fd fd) {
        std::array<char, 64> text;
        const ssize_t size = ::recv(fd, text.data(), text.size(), MSG_DONTWAIT);
        if (size < 0) return errno == EAGAIN ? "nothing" : "";
        return std::string{text.data(), static_cast<std::size_t>(size)};
    }
    static void write(sys::Fd fd, const std::string& text) {
        EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }

    sys::EventLoop loop = sys::EventLoop::create().value();
    std::string folder = "/tmp/kos-vsock-XXXXXX", path;
    std::vector<Connection> storage = std::vector<Connection>(8);
    std::unique_ptr<UnixSockets> sockets;
    std::optional<Socket> device;
    std::optional<DeviceBed> bed;
};

TEST_F(UnixSocketsTest, AHostProgramReachesAPortOfTheGuest) {
    const auto program = sys::connect_stream(path).value();
    write(program.get(), "CONNECT 1001\nhello");
    ASSERT_EQ(get(), Request);
    EXPECT_EQ(last.destination_port, 1001u);
    const StreamPorts ports{1001, last.source_port};
    put(Response, ports);
    EXPECT_EQ(read(program.get()), "OK " + std::to_string(ports.host) + "\n");
    ASSERT_EQ(get(), ReadWrite);
    EXPECT_EQ(payload, "hello");
    put(ReadWrite, ports, "welcome");
    EXPECT_EQ(read(program.get()), "welcome");
    put(Shutdown, ports, "", shutdown_send);
    EXPECT_EQ(read(program.get()), "");
    write(program.get(), "last");
    ASSERT_EQ(get(), ReadWrite);
    EXPECT_EQ(payload, "last");
}

TEST_F(UnixSocketsTest, AHostProgramThatTheGuestRefusesIsDisconnected) {
    const auto program = sys::connect_stream(path).value();
    write(program.get(), "CONNECT 7\n");
    ASSERT_EQ(get(), Request);
    put(Reset, {7, last.source_port});
    EXPECT_EQ(read(program.get()), "");
}

TEST_F(UnixSocketsTest, WhatIsNoRequestIsDisconnected) {
    for (const std::string text :
         {"CONNECT x\n", "CONNECT 99999999999\n", "HELLO THERE, I AM NEW"}) {
        const auto program = sys::connect_stream(path).value();
        write(program.get(), text);
        turn();
        EXPECT_NE(read(program.get()), "nothing") << text;
    }
    EXPECT_EQ(get(), Invalid);
}

TEST_F(UnixSocketsTest, ARequestInPartsIsWaitedForWithoutTurningInCircles) {
    const auto program = sys::connect_stream(path).value();
    write(program.get(), "CONN");
    turn();
    write(program.get(), "ECT 1001\n");
    EXPECT_EQ(get(), Request);
}

TEST_F(UnixSocketsTest, APartOfARequestThatEndsThereIsDisconnected) {
    const auto program = sys::connect_stream(path).value();
    write(program.get(), "CONN");
    turn();
    EXPECT_EQ(::shutdown(program.get(), SHUT_WR), 0);
    turn();
    EXPECT_NE(read(program.get()), "nothing");
}

TEST_F(UnixSocketsTest, WhoeverComesWithoutADescriptorToSpareWaitsForOne) {
    sys::UniqueFd early = sys::connect_stream(path).value();
    turn();
    const auto late = sys::connect_stream(path).value();
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const rlimit none{3, limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    turn();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    early.reset();
    turn();
    write(late.get(), "CONNECT 1001\n");
    EXPECT_EQ(get(), Request);
}

TEST_F(UnixSocketsTest, AHostProgramThatDoesNotAcceptHoldsNobodyUp) {
    const auto listener = sys::listen_stream(path + "_1000").value();
    ASSERT_EQ(::listen(listener.get(), 0), 0);  // one may wait
    put(Request, {5, 1000});
    EXPECT_EQ(get(), Response);
    put(Request, {6, 1000});
    EXPECT_EQ(get(), Reset);
}

TEST_F(UnixSocketsTest, TheGuestReachesAHostProgramAndItsEndIsSeen) {
    const auto listener = sys::listen_stream(path + "_1000").value();
    put(Request, {5, 1000});
    ASSERT_EQ(get(), Response);
    sys::UniqueFd program{::accept(listener.get(), nullptr, nullptr)};
    put(ReadWrite, {5, 1000}, "question");
    EXPECT_EQ(read(program.get()), "question");
    write(program.get(), "answer");
    ASSERT_EQ(get(), ReadWrite);
    EXPECT_EQ(payload, "answer");
    program.reset();
    ASSERT_EQ(get(), Shutdown);
    EXPECT_TRUE(last.flags == shutdown_send || last.flags == shutdown_both);
    if (last.flags == shutdown_send) {
        EXPECT_EQ(get(), Shutdown);
    }
    put(Reset, {5, 1000});
    EXPECT_EQ(device->streams(), 0u);
}

TEST_F(UnixSocketsTest, APortWhereNobodyListensIsRefused) {
    put(Request, {5, 4242});
    EXPECT_EQ(get(), Reset);
}

TEST_F(UnixSocketsTest, AnEndOfTheGuestIsAnsweredOnceTheHostIsThrough) {
    const auto listener = sys::listen_stream(path + "_1000").value();
    put(Request, {5, 1000});
    ASSERT_EQ(get(), Response);
    const sys::UniqueFd program{::accept(listener.get(), nullptr, nullptr)};
    put(ReadWrite, {5, 1000}, "bye");
    put(Shutdown, {5, 1000}, "", shutdown_both);
    EXPECT_EQ(get(), Reset);
    EXPECT_EQ(read(program.get()), "bye");
    EXPECT_EQ(read(program.get()), "");
}

TEST_F(UnixSocketsTest, ASlowReaderHoldsBackItsOwnStreamOnly) {
    const auto listener = sys::listen_stream(path + "_1000").value();
    put(Request, {5, 1000});
    ASSERT_EQ(get(), Response);
    const sys::UniqueFd slow{::accept(listener.get(), nullptr, nullptr)};
    put(Request, {6, 1000});
    ASSERT_EQ(get(), Response);
    const sys::UniqueFd quick{::accept(listener.get(), nullptr, nullptr)};

    // The socket's own buffer fills first, then ours, up to the window that the guest knows.
    std::uint32_t sent = 0;
    const auto room = [&] { return last.window - (sent - last.forwarded); };
    put(CreditRequest, {5, 1000});
    ASSERT_EQ(get(), CreditUpdate);
    while (room() >= 16384 && sent < (8u << 20)) {
        put(ReadWrite, {5, 1000}, std::string(16384, 'x'));
        sent += 16384;
        while (get() != Invalid) bed->chain(0).writable(4096).submit();
    }
    EXPECT_LT(sent, 8u << 20);
    put(ReadWrite, {6, 1000}, "still here");
    EXPECT_EQ(read(quick.get()), "still here");

    std::uint32_t received = 0;
    std::vector<char> buffer(1 << 20);
    for (int i = 0; i < 100 && received < sent; ++i) {
        const ssize_t size = ::recv(slow.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size > 0) received += static_cast<std::uint32_t>(size);
        turn();
    }
    EXPECT_EQ(received, sent);
    ASSERT_EQ(get(), CreditUpdate);
    EXPECT_GT(room(), UnixSockets::window / 2);
}

}  // namespace
}  // namespace kos::qemu
