// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Programs of testdata/ on the whole machine: kernel, CPU, console.
#include "hostsim/machine/machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace kos::sim {

namespace {

using ::testing::HasSubstr;

std::vector<char> read_program(const std::string& name) {
    std::ifstream file{KOS_TARGET_DIR "/machine_test_" + name + ".elf", std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

struct Output {
    std::string console;
    std::string trace;
    RunSummary summary;
};

MachineOptions collecting_options(Output& output) {
    MachineOptions options;
    options.memory_size = 32u << 20;
    options.console = [&output](Bytes bytes) { output.console += as_text(bytes); };
    options.trace = [&output](std::string_view line) { output.trace.append(line).append("\n"); };
    options.host_time_limit = std::chrono::seconds{60};
    return options;
}

Output run_program(const std::string& name) {
    Output output{};
    const std::vector<char> elf = read_program(name);
    auto machine = Machine::create_with_program(collecting_options(output),
                                                std::as_bytes(std::span{elf}), name);
    if (!machine) {
        ADD_FAILURE() << to_string(machine.error());
        return output;
    }
    output.summary = (*machine)->run();
    return output;
}

TEST(MachineTest, TheInitialThreadReachesTheConsoleThroughThePl011) {
    const Output output = run_program("console");
    EXPECT_EQ(output.console, "hello from the initial thread\n1 c \n");
    EXPECT_EQ(output.summary.reason, StopReason::Idle);
}

TEST(MachineTest, BytesFromTheHostArriveThroughTheReceiveInterrupt) {
    Output output{};
    MachineOptions options = collecting_options(output);
    Machine* board = nullptr;
    std::vector<std::string> pieces{"abc", "", "d", "e\n", "."};
    std::size_t next = 0;
    options.attend = [&](std::optional<std::chrono::nanoseconds> patience) {
        // Only where the board waits for it, so that each piece has an interrupt of its own.
        if (patience == std::chrono::nanoseconds{0}) return true;
        if (next == pieces.size()) return false;
        board->send(as_bytes(pieces[next++]));
        return true;
    };
    const std::vector<char> elf = read_program("echo");
    const auto machine =
        Machine::create_with_program(options, std::as_bytes(std::span{elf}), "echo");
    ASSERT_TRUE(machine.ok());
    board = machine->get();
    output.summary = board->run();
    EXPECT_EQ(output.console, "ready\nABCDE\n4 ");
    EXPECT_EQ(output.summary.reason, StopReason::Idle);
    EXPECT_EQ(next, pieces.size());
}

/// Naps of 200 ms in all, while somebody on the host waits for at most \p waited_for.
struct Nap {
    std::chrono::nanoseconds asked{0};  ///< of `attend`, to wait
    Output output{};
};
Nap nap(std::chrono::nanoseconds waited_for) {
    Nap result;
    MachineOptions options = collecting_options(result.output);
    options.attend = [&](std::optional<std::chrono::nanoseconds> patience) {
        // At the end the board has all the time that there is: nothing will come.
        if (!patience || *patience > std::chrono::seconds{1}) return false;
        result.asked += *patience;
        std::this_thread::sleep_for(*patience);
        return false;
    };
    options.is_waited_for = [&] {
        return result.asked < waited_for && result.output.console.empty();
    };
    const std::vector<char> elf = read_program("naps");
    const auto machine =
        Machine::create_with_program(options, std::as_bytes(std::span{elf}), "naps");
    if (!machine) {
        ADD_FAILURE() << to_string(machine.error());
        return result;
    }
    result.output.summary = (*machine)->run();
    return result;
}

TEST(MachineTest, TimeGoesByAsTheHostsWhereSomebodyWaitsThere) {
    using namespace std::chrono_literals;
    const Nap alone = nap(0ms), partly = nap(50ms), waited_for = nap(60s);
    for (const Nap* one : {&alone, &partly, &waited_for}) {
        EXPECT_EQ(one->output.console, "rested\n");
        EXPECT_EQ(one->output.summary.reason, StopReason::Idle);
        EXPECT_GE(one->output.summary.simulated_time, 180ms);
    }
    EXPECT_EQ(alone.asked, 0ms);
    EXPECT_GE(partly.asked, 50ms);
    EXPECT_LT(partly.asked, 100ms);
    EXPECT_GT(waited_for.asked, 100ms);
}

TEST(MachineTest, TheLimitOfTimeHoldsWhereSomebodyWaits) {
    using namespace std::chrono_literals;
    Output output{};
    MachineOptions options = collecting_options(output);
    options.host_time_limit = 300ms;
    options.attend = [](std::optional<std::chrono::nanoseconds> patience) {
        std::this_thread::sleep_for(patience.value_or(0ms));
        return true;
    };
    options.is_waited_for = [] { return true; };
    const std::vector<char> elf = read_program("echo");  // waits for a byte
    const auto machine =
        Machine::create_with_program(options, std::as_bytes(std::span{elf}), "echo");
    ASSERT_TRUE(machine.ok());
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ((*machine)->run().reason, StopReason::HostTimeLimit);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

TEST(MachineTest, TwoVSpacesShareAFrameAndExchangeMessages) {
    const Output output = run_program("spaces");
    // badge, label, length, two words, the frame; then the second label and the frame.
    EXPECT_EQ(output.console, "77 5 2 29 1234 2a 6 99 \n");
}

TEST(MachineTest, FaultsArriveAsHardwareAndSeL4GiveThem) {
    const Output output = run_program("faults");
    EXPECT_EQ(output.console,
              "6 500008 0 92000007 \n"  // data abort, read, translation, level 3
              "6 501010 0 9200004f \n"  // data abort, write, permission, level 3
              "6 502000 1 8200000f \n"  // instruction abort, permission, level 3
              "2 a0 1000 \n"            // unknown system call: x0 and the number
              "3 40 2000000 0 \n"       // user exception: SPSR, ESR
              "8 f2000005 \n"           // VCPU fault: brk #5
              "100 4d \n");             // 0xb + 0x42
}

TEST(MachineTest, ThreadsThatNeverTrapShareTheProcessor) {
    const Output output = run_program("preemption");
    EXPECT_EQ(output.console, "shared\n0 switched 0 switched \n");
}

TEST(MachineTest, NoAdditionIsLostAmongThreadsAndVSpaces) {
    const Output output = run_program("atomics");
    EXPECT_EQ(output.console, "493e0 493e0 \n");
}

TEST(MachineTest, ARunIsReproduced) {
    const Output first = run_program("preemption");
    const Output second = run_program("preemption");
    EXPECT_EQ(first.trace, second.trace);
    EXPECT_EQ(first.console, second.console);
    EXPECT_EQ(first.summary.instructions, second.summary.instructions);
    EXPECT_EQ(first.summary.simulated_time, second.summary.simulated_time);
}

TEST(MachineTest, TheTraceNamesInvocationsAndFaults) {
    const Output output = run_program("faults");
    EXPECT_THAT(output.trace, HasSubstr(": ARM_Page_Map("));
    EXPECT_THAT(output.trace, HasSubstr(": VM fault\n"));
}

TEST(MachineTest, ALimitOfSimulatedTimeEndsARun) {
    Output output{};
    MachineOptions options = collecting_options(output);
    options.simulated_time_limit = std::chrono::milliseconds{3};
    const std::vector<char> elf = read_program("preemption");
    auto machine = Machine::create_with_program(options, std::as_bytes(std::span{elf}), "test");
    ASSERT_TRUE(machine.ok());
    const RunSummary summary = (*machine)->run();
    EXPECT_EQ(summary.reason, StopReason::SimulatedTimeLimit);
    EXPECT_GE(summary.simulated_time, std::chrono::milliseconds{3});
}

TEST(MachineTest, AConsoleCallbackCanStopTheRun) {
    Output output{};
    MachineOptions options = collecting_options(output);
    Machine* running = nullptr;
    options.console = [&](Bytes) { running->stop(); };
    const std::vector<char> elf = read_program("preemption");
    auto machine = Machine::create_with_program(options, std::as_bytes(std::span{elf}), "test");
    ASSERT_TRUE(machine.ok());
    running = machine->get();
    EXPECT_EQ(running->run().reason, StopReason::Stopped);
    EXPECT_EQ(running->run().reason, StopReason::Stopped);
    EXPECT_EQ(running->run().reason, StopReason::Idle);
}

ErrorCode error_of(Bytes image, std::uint64_t memory_size = 32u << 20) {
    MachineOptions options;
    options.memory_size = memory_size;
    const auto machine = Machine::create(options, image, "test.img");
    return machine ? ErrorCode{} : machine.error().code;
}

TEST(MachineTest, WhatIsNoSystemImageIsRefused) {
    EXPECT_EQ(error_of({}), ErrorCode::ImageCorrupt);
    EXPECT_EQ(error_of(as_bytes("no image, only text of some length, which goes on for a while "
                                "so that it is longer than the header of an image would be, "
                                "and then some more")),
              ErrorCode::ImageCorrupt);
}

TEST(MachineTest, AProgramThatIsNoElfFileIsRefused) {
    const auto machine = Machine::create_with_program({}, as_bytes("#!/bin/sh"), "test.elf");
    ASSERT_FALSE(machine.ok());
    EXPECT_EQ(machine.error().code, ErrorCode::ImageCorrupt);
}

TEST(MachineTest, AnOddMemorySizeIsRefused) {
    for (const std::uint64_t size :
         {std::uint64_t{0}, std::uint64_t{(2u << 20) + 4096}, std::uint64_t{1} << 40}) {
        MachineOptions options;
        options.memory_size = size;
        const std::vector<char> elf = read_program("console");
        const auto machine =
            Machine::create_with_program(options, std::as_bytes(std::span{elf}), "test");
        ASSERT_FALSE(machine.ok());
        EXPECT_EQ(machine.error().code, ErrorCode::Usage);
    }
}

}  // namespace

}  // namespace kos::sim
