// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The root server in a test's own process, over the simulated kernel: the test is the initial
// thread, and plays the apps.
#pragma once

#include "hostsim/inprocess/system.hpp"
#include "lib/msg/control_reader.hpp"
#include "rootserver/boot/root_server.hpp"
#include "rootserver/testing/test_image.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kos::rootserver::testing {

/// What came over the console.
struct ConsoleFrame {
    msg::FrameType type;
    std::uint8_t app;
    std::string payload;
};

/// Where a test's system image lies.
struct Place {
    std::uint64_t displacement = 0;  ///< bytes off a large page, outside the kernel's RAM
    bool in_root_image = false;      ///< behind the root server's program, mapped by the kernel
};

class TestSystem {
   public:
    /// Boots the kernel with this system image; boot() boots the root server.
    explicit TestSystem(const std::vector<std::byte>& image, sim::Hooks hooks = {},
                        Place place = {});
    explicit TestSystem(const std::vector<TestApp>& apps) : TestSystem(make_test_image(apps)) {}

    Attempt<> boot() { return server_->boot(); }
    [[nodiscard]] RootServer& server() { return *server_; }
    [[nodiscard]] inprocess::System& kernel() { return *system_; }

    /// What the first thread of an app does.
    void set_app(inprocess::Program program) {
        system_->set_program(libos_start, std::move(program));
    }
    /// What its other threads do.
    void set_thread(inprocess::Program program) {
        system_->set_program(libos_thread_start, std::move(program));
    }

    /// The frames so far.
    [[nodiscard]] std::vector<ConsoleFrame> frames() const;
    /// The payloads of that type, one after another.
    [[nodiscard]] std::string text(msg::FrameType type) const;
    /// The records of that type.
    template <class Record>
    [[nodiscard]] std::vector<Record> records(msg::FrameType type) const {
        std::vector<Record> found;
        for (const ConsoleFrame& frame : frames()) {
            if (frame.type == type) found.push_back(*read_at<Record>(as_bytes(frame.payload), 0));
        }
        return found;
    }
    /// Called whenever the root server has read its clock, until it is replaced: what then happens
    /// in between is too late for it to see.
    void after_clock(std::function<void()> happens);

    void clear_console() { console_.clear(); }
    /// The counter.
    [[nodiscard]] std::uint64_t now() const;
    [[nodiscard]] static std::uint64_t ticks_per_millisecond();
    /// All that went over the console, frames and plain text.
    [[nodiscard]] const std::string& console() const { return console_; }

    /// Bytes for the root server's console, from the thread that runs: it is interrupted.
    void type(std::string_view bytes) {
        typed_ += bytes;
        inprocess::raise_interrupt(console_interrupt);
    }
    /// Sends a command's frame in the same way.
    void command(msg::FrameType type, std::uint8_t app, std::uint32_t sequence, Bytes payload = {});

   private:
    static constexpr unsigned console_interrupt = 33;

    std::string console_;
    std::string typed_;
    std::string device_tree_;
    std::unique_ptr<inprocess::System> system_;
    std::unique_ptr<RootServer> server_;
};

/// The counter of the system that there is, as the root server reads it.
[[nodiscard]] std::uint64_t read_clock();

// Requests of the running app's thread \p thread, as libos makes them. The label of the answer.
struct Answer {
    sel4::Word label;
    sel4::Word result;
};
Answer request(std::uint64_t thread, native::Request request,
               std::initializer_list<sel4::Word> words);
/// Write to standard output.
Answer write_text(std::uint64_t thread, std::string_view text);
/// Ends the app.
void exit_app(std::uint64_t thread, sel4::Word status);

/// The running app's memory; an access to what is not mapped yet is faulted in first.
std::byte* touch(VirtualAddress address, Access access);

}  // namespace kos::rootserver::testing
