// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/control/guest_control.hpp"

#include "lib/guest/encode.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kos::vmm {
namespace {

struct Listener final : GuestListener {
    void container_output(bool is_error, Bytes bytes) override {
        (is_error ? errors : output) += as_text(bytes);
    }
    void container_ready() override { ++ready; }
    void log(std::string_view text) override { logged.append(text).append("\n"); }
    std::string output, errors, logged;
    int ready = 0;
};

class GuestControlTest : public testing::Test {
   protected:
    /// What the guest's service sends.
    template <class T>
    bool receive(const T& message) {
        return control_.received(as_bytes(guest::encode(message)));
    }
    /// The frames that are to be sent.
    std::string take_sent() {
        std::string sent{as_text(control_.to_send())};
        control_.sent(sent.size());
        return sent;
    }
    static guest::Log log(guest::Stream stream, std::string_view text,
                          std::string_view container = "main") {
        guest::Log record;
        record.stream = stream;
        record.container = stream == guest::Stream::Guest ? "" : container;
        record.bytes = as_bytes(text);
        return record;
    }
    static guest::ContainerStatus status(guest::ContainerState state, std::uint32_t wait_status = 0,
                                         std::string_view error = {}) {
        guest::ContainerStatus record;
        record.name = "main";
        record.state = state;
        record.wait_status = wait_status;
        record.error = error;
        return record;
    }
    static guest::ContainerStatus ended(std::uint32_t wait_status) {
        return status(guest::ContainerState::Stopped, wait_status);
    }

    Listener listener_;
    GuestControl control_{listener_};
};

TEST_F(GuestControlTest, ItGreetsAndFollowsTheContainerWithoutLoss) {
    control_.opened();
    EXPECT_EQ(take_sent(), guest::encode(guest::Hello{}) +
                               guest::encode(guest::Attach{.container = "", .flags = 3}));
    EXPECT_TRUE(control_.to_send().empty());
}

TEST_F(GuestControlTest, OutputGoesToItsStreamAndTheStatusIsTheContainersOwn) {
    control_.opened();
    EXPECT_TRUE(receive(guest::Hello{}));
    EXPECT_TRUE(receive(log(guest::Stream::Output, "out")));
    EXPECT_TRUE(receive(log(guest::Stream::Error, "err")));
    EXPECT_TRUE(receive(log(guest::Stream::Guest, "KOS-E-GUEST-STORAGE: /: full\n")));
    EXPECT_TRUE(receive(log(guest::Stream::Guest, "ready\n")));
    EXPECT_TRUE(receive(status(guest::ContainerState::Running)));
    EXPECT_FALSE(control_.wait_status());
    EXPECT_TRUE(receive(ended(7 << 8)));
    EXPECT_FALSE(control_.is_complete());
    EXPECT_TRUE(receive(guest::Done{}));
    EXPECT_TRUE(control_.is_complete());
    EXPECT_EQ(*control_.wait_status(), 7u << 8);
    EXPECT_EQ(listener_.output, "out");
    EXPECT_EQ(listener_.errors, "err");
    EXPECT_EQ(listener_.logged, "KOS-E-GUEST-STORAGE: /: full\n\n");
}

TEST_F(GuestControlTest, FramesMayComeByteByByte) {
    control_.opened();
    const std::string frames = guest::encode(log(guest::Stream::Output, "hello")) +
                               guest::encode(ended(0)) + guest::encode(guest::Done{});
    for (const char byte : frames) {
        EXPECT_TRUE(control_.received(as_bytes(std::string_view{&byte, 1})));
    }
    EXPECT_EQ(listener_.output, "hello");
    EXPECT_TRUE(control_.is_complete());
}

TEST_F(GuestControlTest, ASignalWaitsUntilTheContainerRuns) {
    control_.signal(15);
    EXPECT_TRUE(control_.to_send().empty());
    control_.opened();
    (void)take_sent();
    EXPECT_TRUE(receive(status(guest::ContainerState::Waiting)));
    EXPECT_TRUE(control_.to_send().empty());
    EXPECT_TRUE(receive(status(guest::ContainerState::Running)));
    EXPECT_EQ(take_sent(), guest::encode(guest::SignalProcess{15}));
    control_.signal(2);
    EXPECT_EQ(take_sent(), guest::encode(guest::SignalProcess{2}));
}

TEST_F(GuestControlTest, ThatTheContainerIsReadyIsToldOnce) {
    control_.opened();
    auto record = status(guest::ContainerState::Running);
    EXPECT_TRUE(receive(record));
    EXPECT_EQ(listener_.ready, 0);
    record.is_ready = 1;
    EXPECT_TRUE(receive(record));
    EXPECT_TRUE(receive(record));
    EXPECT_EQ(listener_.ready, 1);
}

TEST_F(GuestControlTest, WhatIsNoFrameIsTold) {
    control_.opened();
    EXPECT_FALSE(control_.received(as_bytes(std::string(8, '\xff'))));
}

TEST_F(GuestControlTest, WhyAContainerCouldNotBeStartedIsLogged) {
    control_.opened();
    EXPECT_TRUE(receive(log(guest::Stream::Guest, "KOS-E-GUEST-CONTAINER: /nothing")));
    EXPECT_TRUE(receive(status(guest::ContainerState::Failed, 127 << 8, "/nothing")));
    EXPECT_TRUE(receive(guest::Done{}));
    EXPECT_EQ(*control_.wait_status(), 127u << 8);
    EXPECT_EQ(listener_.logged, "KOS-E-GUEST-CONTAINER: /nothing\n");
}

TEST_F(GuestControlTest, LinesOfSeveralContainersBeginWithTheirNames) {
    control_.opened();
    EXPECT_TRUE(receive(log(guest::Stream::Output, "one\ntw", "a")));
    EXPECT_TRUE(receive(log(guest::Stream::Output, "o\n", "a")));
    EXPECT_TRUE(receive(log(guest::Stream::Output, "half", "a")));
    EXPECT_TRUE(receive(log(guest::Stream::Error, "error", "b")));
    EXPECT_TRUE(receive(log(guest::Stream::Output, "\nb", "b")));
    EXPECT_TRUE(receive(log(guest::Stream::Output, std::string(2000, 'x') + "\n", "b")));
    EXPECT_EQ(listener_.output,
              "a | one\na | two\na | half\nb | \nb | b" + std::string(2000, 'x') + "\n");
    EXPECT_EQ(listener_.errors, "b | error");
}

TEST_F(GuestControlTest, OfSeveralContainersTheGuestSaysHowItEnded) {
    control_.opened();
    auto record = ended(1 << 8);
    record.name = "web";
    EXPECT_TRUE(receive(record));
    EXPECT_FALSE(control_.wait_status());
    EXPECT_TRUE(receive(guest::GuestEnd{2 << 8, "db"}));
    EXPECT_FALSE(control_.is_complete());
    EXPECT_TRUE(receive(guest::Done{}));
    EXPECT_TRUE(control_.is_complete());
    EXPECT_EQ(*control_.wait_status(), 2u << 8);
}

}  // namespace
}  // namespace kos::vmm
