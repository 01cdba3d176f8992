// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/vhost_user/server.hpp"

#include "lib/linux/socket.hpp"
#include "vmm/virtio/testing/echo_device.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sys/socket.h>

namespace kos::vhost_user {
namespace {

struct ServerTest : testing::Test {
    ServerTest() {
        EXPECT_NE(::mkdtemp(folder.data()), nullptr);
        server = Server::create(loop, device, path(), [this](const std::string& line) {
                     log.push_back(line);
                 }).value();
        server->on_disconnect = [this] { ++disconnects; };
    }
    ~ServerTest() override {
        server.reset();
        std::filesystem::remove_all(folder);
    }
    [[nodiscard]] std::string path() const { return folder + "/device.sock"; }
    void turn() {
        while (loop.run_once(0).value()) {
        }
    }
    sys::UniqueFd connect() {
        sys::UniqueFd front_end = sys::connect_stream(path()).value();
        turn();
        return front_end;
    }
    void ask(const sys::UniqueFd& front_end, Request request, std::uint32_t flags = 0) {
        const Header header{static_cast<std::uint32_t>(request), flag_version | flags, 0};
        ASSERT_EQ(::send(front_end.get(), &header, sizeof header, MSG_NOSIGNAL),
                  static_cast<ssize_t>(sizeof header));
        turn();
    }
    /// A reply of eight bytes; nothing where none came or the server has hung up.
    static std::optional<std::uint64_t> answer(const sys::UniqueFd& front_end) {
        std::array<std::byte, 64> bytes;
        const ssize_t size = ::recv(front_end.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (size != sizeof(Header) + sizeof(std::uint64_t)) return std::nullopt;
        return read_at<std::uint64_t>(bytes, sizeof(Header));
    }
    static bool is_closed(const sys::UniqueFd& front_end) {
        char byte = 0;
        return ::recv(front_end.get(), &byte, 1, MSG_DONTWAIT) == 0;
    }

    sys::EventLoop loop = sys::EventLoop::create().value();
    std::string folder = "/tmp/kos-vhost-XXXXXX";
    virtio::EchoDevice device;
    std::vector<std::string> log;
    int disconnects = 0;
    std::unique_ptr<Server> server;
};

TEST_F(ServerTest, AFrontEndIsAnsweredAndASecondOneTurnedAway) {
    const sys::UniqueFd first = connect();
    const sys::UniqueFd second = connect();
    EXPECT_TRUE(is_closed(second));
    ask(first, Request::GetFeatures);
    EXPECT_EQ(answer(first), device.offered() | virtio::ring_features | feature_protocol);
    ask(first, Request::SetOwner);
    EXPECT_EQ(answer(first), std::nullopt);
    ask(first, Request::SetOwner, flag_need_reply);
    EXPECT_EQ(answer(first), 0u);
}

TEST_F(ServerTest, ARequestThatCannotBeDoneIsAnsweredSoOrEndsTheConnection) {
    const sys::UniqueFd front_end = connect();
    ask(front_end, Request{99}, flag_need_reply);
    EXPECT_EQ(answer(front_end), 1u);
    EXPECT_EQ(log.size(), 1u);
    ask(front_end, Request{99});
    EXPECT_TRUE(is_closed(front_end));
    EXPECT_EQ(disconnects, 1);
}

TEST_F(ServerTest, TheNextFrontEndIsServedOnceOneHasGone) {
    connect().reset();
    turn();
    EXPECT_EQ(disconnects, 1);
    EXPECT_FALSE(server->connected());
    EXPECT_FALSE(device.is_attached());
    const sys::UniqueFd next = connect();
    ask(next, Request::GetFeatures);
    EXPECT_TRUE(answer(next));
}

}  // namespace
}  // namespace kos::vhost_user
