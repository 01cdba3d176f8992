// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/vhost_user/session.hpp"

#include "vmm/virtio/testing/echo_device.hpp"
#include "vmm/virtio/testing/fake_driver.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <set>
#include <sys/eventfd.h>
#include <sys/mman.h>

namespace kos::vhost_user {
namespace {

using virtio::EchoDevice;
using virtio::FakeDriver;
using virtio::FakeGuest;

struct Watcher final : KickWatcher {
    void watch(unsigned /*queue*/, sys::Fd kick) override { kicks.insert(kick); }
    void unwatch(sys::Fd kick) override { kicks.erase(kick); }
    std::set<sys::Fd> kicks;
};

constexpr std::uint64_t user = 0x7f0000000000;
constexpr std::size_t memory_size = 1 << 20;

template <class T>
std::vector<std::byte> bytes(const T& value) {
    const Bytes view = bytes_of(value);
    return {view.begin(), view.end()};
}

/// A front end whose guest's memory is a memfd, with the FakeGuest's content copied in and out.
struct SessionTest : testing::Test {
    SessionTest() {
        EXPECT_EQ(::ftruncate(file.get(), memory_size), 0);
        memory = static_cast<std::byte*>(
            ::mmap(nullptr, memory_size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0));
    }
    ~SessionTest() override { ::munmap(memory, memory_size); }

    using Answer = Result<Session::Reply, SessionError>;
    template <class T>
    Answer send(Request request, const T& payload, std::vector<sys::Fd> descriptors = {}) {
        Message message{request, flag_version, bytes(payload), {}};
        for (const sys::Fd fd : descriptors) message.descriptors.emplace_back(::dup(fd));
        return session.handle(message);
    }
    Answer send_memory(const MemoryRegion& region, std::size_t files = 1) {
        struct Table {
            MemoryTable head{1, 0};
            MemoryRegion region;
        };
        Table table;
        table.region = region;
        return send(Request::SetMemTable, table, std::vector<sys::Fd>(files, file.get()));
    }
    Answer send_memory() { return send_memory({FakeGuest::start.value(), memory_size, user, 0}); }
    static std::uint64_t user_of(GuestAddress address) {
        return user + (address - FakeGuest::start);
    }
    VringAddress address() const {
        const auto& config = driver.config();
        return {0, 0, user_of(config.descriptors), user_of(config.used), user_of(config.available),
                0};
    }
    /// All that a front end sends to start queue 0.
    void start(std::uint32_t base = 0) {
        ASSERT_TRUE(send(Request::SetProtocolFeatures, protocol_reply_ack).ok());
        ASSERT_TRUE(send(Request::SetFeatures, virtio::ring_features | EchoDevice::polite).ok());
        ASSERT_TRUE(send_memory().ok());
        ASSERT_TRUE(send(Request::SetVringNum, VringState{0, 8}).ok());
        ASSERT_TRUE(send(Request::SetVringBase, VringState{0, base}).ok());
        ASSERT_TRUE(send(Request::SetVringAddr, address()).ok());
        ASSERT_TRUE(send(Request::SetVringCall, std::uint64_t{0}, {call.get()}).ok());
        ASSERT_TRUE(send(Request::SetVringKick, std::uint64_t{0}, {kick.get()}).ok());
        ASSERT_TRUE(send(Request::SetVringEnable, VringState{0, 1}).ok());
    }
    void to_session() {
        std::memcpy(memory, guest.bytes(FakeGuest::start, memory_size).data(), memory_size);
    }
    void from_session() { guest.write(FakeGuest::start, {memory, memory_size}); }
    std::optional<virtio::UsedChain> echo(const std::string& text) {
        driver.chain().readable(text).writable(64).submit();
        to_session();
        session.kicked(0);
        from_session();
        return driver.used();
    }

    sys::UniqueFd file{::memfd_create("guest", MFD_CLOEXEC)};
    sys::UniqueFd kick{::eventfd(0, 0)}, call{::eventfd(0, EFD_NONBLOCK)};
    std::byte* memory = nullptr;
    FakeGuest guest{memory_size};
    FakeDriver driver{guest, 8};
    EchoDevice device;
    Watcher watcher;
    std::vector<std::string> log;
    Session session{device, watcher, [this](const std::string& line) { log.push_back(line); }};
};

TEST_F(SessionTest, ARequestOfTheGuestIsAnsweredOverSharedMemory) {
    start();
    EXPECT_EQ(watcher.kicks.size(), 1u);
    EXPECT_EQ(as_text(echo("hello").value().answer), "hello");
    std::uint64_t interrupts = 0;
    EXPECT_EQ(::read(call.get(), &interrupts, 8), 8);
    EXPECT_TRUE(device.is_polite());
}

TEST_F(SessionTest, WhatWasAvailableBeforeTheStartIsHandledAtOnce) {
    driver.chain().readable("early").writable(5).submit();
    to_session();
    start();
    from_session();
    EXPECT_EQ(as_text(driver.used().value().answer), "early");
}

TEST_F(SessionTest, AStoppedQueueTellsWhereItIsAndAStartedOneGoesOnThere) {
    start();
    EXPECT_TRUE(echo("one"));
    const auto base = send(Request::GetVringBase, VringState{0, 0}).value();
    EXPECT_EQ(read_at<VringState>(base, 0)->value, 1u);
    EXPECT_TRUE(watcher.kicks.empty());
    EXPECT_FALSE(device.active());
    start(1);
    EXPECT_EQ(as_text(echo("two").value().answer), "two");
}

TEST_F(SessionTest, ANewMemoryTableKeepsQueuesRunning) {
    start();
    EXPECT_TRUE(echo("one"));
    ASSERT_TRUE(send_memory().ok());
    EXPECT_EQ(as_text(echo("two").value().answer), "two");
}

TEST_F(SessionTest, ADisabledQueueRestsAndGoesOn) {
    start();
    ASSERT_TRUE(send(Request::SetVringEnable, VringState{0, 0}).ok());
    EXPECT_FALSE(echo("later"));
    ASSERT_TRUE(send(Request::SetVringEnable, VringState{0, 1}).ok());
    from_session();
    EXPECT_EQ(as_text(driver.used().value().answer), "later");
}

TEST_F(SessionTest, MemoryThatTheFileDoesNotHoldIsRefused) {
    const std::uint64_t start = FakeGuest::start.value();
    EXPECT_EQ(send_memory({start, memory_size + 1, user, 0}).error(), SessionError::Memory);
    EXPECT_EQ(send_memory({start, memory_size, user, 4096}).error(), SessionError::Memory);
    EXPECT_EQ(send_memory({start, 0, user, 0}).error(), SessionError::Memory);
    EXPECT_EQ(send_memory({start, memory_size, ~std::uint64_t{0}, 0}).error(),
              SessionError::Memory);
    EXPECT_EQ(send_memory({~std::uint64_t{0}, memory_size, user, 0}).error(), SessionError::Memory);
    EXPECT_EQ(send_memory({start, memory_size, user, 0}, 2).error(), SessionError::Descriptors);
    EXPECT_EQ(send(Request::SetMemTable, MemoryTable{9, 0}).error(), SessionError::Payload);
    EXPECT_EQ(send(Request::SetMemTable, MemoryTable{1, 0}, {file.get()}).error(),
              SessionError::Payload);
}

TEST_F(SessionTest, QueuesOutsideOfTheMemoryAreRefused) {
    start();
    ASSERT_TRUE(send(Request::GetVringBase, VringState{0, 0}).ok());
    VringAddress outside = address();
    outside.used = user + memory_size;
    ASSERT_TRUE(send(Request::SetVringAddr, outside).ok());
    EXPECT_EQ(send(Request::SetVringKick, std::uint64_t{0}, {kick.get()}).error(),
              SessionError::Ring);
    outside.used = user + memory_size - 8;
    EXPECT_EQ(send(Request::SetVringAddr, outside).error(), SessionError::Ring);
    EXPECT_EQ(send(Request::SetVringNum, VringState{0, 40000}).error(), SessionError::Ring);
}

TEST_F(SessionTest, MessagesThatAreNotAsTheyShouldBeAreToldApart) {
    EXPECT_EQ(send(Request::SetFeatures, std::uint32_t{0}).error(), SessionError::Payload);
    EXPECT_EQ(send(Request::SetFeatures, std::uint64_t{1} << 60).error(), SessionError::Features);
    EXPECT_EQ(send(Request::SetProtocolFeatures, std::uint64_t{1}).error(), SessionError::Features);
    EXPECT_EQ(send(Request::SetVringNum, VringState{2, 8}).error(), SessionError::Index);
    EXPECT_EQ(send(Request::SetVringKick, std::uint64_t{7}, {kick.get()}).error(),
              SessionError::Index);
    EXPECT_EQ(send(Request::SetVringKick, std::uint64_t{0}).error(), SessionError::Descriptors);
    EXPECT_EQ(send(Request::SetVringKick, vring_no_descriptor).error(), SessionError::Descriptors);
    EXPECT_EQ(send(Request::GetConfig, ConfigHeader{0, 9, 0}).error(), SessionError::Payload);
    EXPECT_EQ(send(Request{99}, std::uint64_t{0}).error(), SessionError::Unknown);
}

TEST_F(SessionTest, WhatIsNoEventfdIsRefused) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const sys::UniqueFd reader{ends[0]}, writer{ends[1]};
    for (const Request request :
         {Request::SetVringKick, Request::SetVringCall, Request::SetVringErr}) {
        for (const sys::Fd fd : {writer.get(), file.get()}) {
            EXPECT_EQ(send(request, std::uint64_t{0}, {fd}).error(), SessionError::Descriptors);
        }
    }
}

TEST_F(SessionTest, TheConfigurationIsAsLongAsAsked) {
    device.config[3] = std::byte{0x33};
    struct {
        ConfigHeader header{2, 20, 0};
        std::array<std::byte, 20> room{};
    } ask;
    const auto answer = send(Request::GetConfig, ask).value();
    ASSERT_EQ(answer.size(), sizeof ask);
    EXPECT_EQ(answer[sizeof(ConfigHeader) + 1], std::byte{0x33});
}

TEST_F(SessionTest, ADeviceOutlivesItsSession) {
    EchoDevice other;
    {
        const Session short_lived{other, watcher, [](const std::string&) {}};
    }
    EXPECT_FALSE(other.is_attached());
    other.change_config();
}

TEST_F(SessionTest, ABrokenRuleIsOneLineAndASignal) {
    sys::UniqueFd error{::eventfd(0, EFD_NONBLOCK)};
    start();
    ASSERT_TRUE(send(Request::SetVringErr, std::uint64_t{0}, {error.get()}).ok());
    driver.chain().readable("no room").submit();
    to_session();
    session.kicked(0);
    session.kicked(0);
    ASSERT_EQ(log.size(), 1u);
    EXPECT_NE(log[0].find("no room for its answer"), std::string::npos);
    std::uint64_t count = 0;
    EXPECT_EQ(::read(error.get(), &count, 8), 8);
}

}  // namespace
}  // namespace kos::vhost_user
