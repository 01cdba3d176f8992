// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/children.hpp"
#include "kosinit/supervise/inventory.hpp"
#include "kosinit/supervise/journal.hpp"
#include "kosinit/supervise/kernel_log.hpp"
#include "kosinit/supervise/pump.hpp"
#include "kosinit/supervise/service_config.hpp"
#include "kosinit/supervise/timers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

namespace kos::init {
namespace {

using testing::HasSubstr;

LogRecord record(std::size_t size) {
    return {0, guest::Stream::Output, "main", std::string(size, 'x')};
}

TEST(LogRingTest, TheOldestGoesFirstAndNumbersStay) {
    LogRing ring{4096};
    for (int i = 0; i < 100; ++i) ring.append(record(100));
    EXPECT_EQ(ring.next(), 100u);
    EXPECT_GT(ring.first(), 0u);
    EXPECT_EQ(ring.at(ring.first() - 1), nullptr);
    EXPECT_NE(ring.at(ring.first()), nullptr);
    EXPECT_EQ(ring.at(100), nullptr);
}

TEST(LogRingTest, WhatIsHeldStaysWhateverTheCapacity) {
    LogRing ring{4096};
    for (int i = 0; i < 100; ++i) ring.append(record(100), 3);
    EXPECT_EQ(ring.first(), 3u);
}

RC_GTEST_PROP(LogRingTest, ItSaysBeforehandWhatItWouldForget,
              (const std::vector<std::uint8_t>& sizes, std::uint8_t held, std::uint8_t next)) {
    LogRing ring{2048};
    for (const std::uint8_t size : sizes) ring.append(record(size));
    const std::uint64_t wanted = ring.first() + held;
    RC_PRE(wanted < ring.next());
    const bool would_forget = ring.would_forget(wanted, next);
    ring.append(record(next));
    RC_ASSERT((ring.at(wanted) == nullptr) == would_forget);
}

TEST(KernelLogTest, TheKernelsOwnLinesAboutDamageAreTold) {
    EXPECT_EQ(damage_in("3,340,9,-;SQUASHFS error: Failed to read block 0x60: -5\n SUBSYSTEM=x\n"),
              "SQUASHFS error: Failed to read block 0x60: -5");
    EXPECT_EQ(damage_in("3,1,9,-;I/O error, dev vdb, sector 8 op 0x0:(READ)\n"),
              "I/O error, dev vdb, sector 8 op 0x0:(READ)");
    EXPECT_FALSE(damage_in("3,340,9,-;SQUASHFS error: Failed to read block 0x60: -12\n"));
    EXPECT_FALSE(damage_in("3,341,9,-;SQUASHFS error: Unable to read page, block 60, size 8\n"));
    EXPECT_FALSE(damage_in("6,1,9,-;squashfs: version 4.0\n"));
    EXPECT_FALSE(damage_in("11,1,9,-;kosinit: SQUASHFS error\n"));
    EXPECT_FALSE(damage_in("SQUASHFS error"));
    EXPECT_FALSE(damage_in("3,SQUASHFS error"));
    EXPECT_FALSE(damage_in(""));
}

TEST(RuntimeConfigTest, ItIsReadAsLinuxKitWritesIt) {
    const auto config = parse_runtime_config(
        R"({"cgroups": ["a"], "mounts": [{"type": "tmpfs", "source": "t", "destination": "/run/x",
            "options": ["ro", "size=1m"]}, {"source": "/a", "destination": "b", "options": ["bind"]}],
            "mkdir": ["/m"], "interfaces": [{"name": "eth0", "createInRoot": false}],
            "bindNS": {"net": "/run/n", "ipc": ""}, "namespace": ""})",
        "runtime.json");
    ASSERT_TRUE(config) << to_string(config.error());
    EXPECT_EQ(config->mounts.size(), 2u);
    EXPECT_TRUE(config->mounts[1].options.bind);
    EXPECT_EQ(config->interfaces, std::vector<std::string>{"eth0"});
    EXPECT_EQ(config->bindings,
              (std::vector<std::pair<std::string, std::string>>{{"net", "/run/n"}}));
    EXPECT_TRUE(config->has_process_part());
}

TEST(RuntimeConfigTest, WhatIsNotDoneIsRefused) {
    for (const char* text :
         {R"({"mkdirs": []})", R"({"mounts": [{"destination": "/x"}]})",
          R"({"interfaces": [{"name": "w", "add": "wireguard"}]})", R"({"namespace": "x"})",
          R"({"bindNS": {"net": "relative"}})", R"({"bindNS": {"time": "/x"}})", "[]"}) {
        EXPECT_FALSE(parse_runtime_config(text, "runtime.json")) << text;
    }
}

TEST(JournalTest, AListenerThatHoldsLeavesNoRoom) {
    Journal journal{4096};
    const auto id = journal.listen([] {});
    journal.append("main", guest::Stream::Output, "first");
    EXPECT_TRUE(journal.has_room(3000));
    journal.hold(id, 0);
    EXPECT_TRUE(journal.has_room(3000));
    EXPECT_FALSE(journal.has_room(5000));
    bool was_told = false;
    journal.on_room([&] { was_told = true; });
    journal.forget(id);
    EXPECT_TRUE(was_told);
    EXPECT_TRUE(journal.has_room(5000));
}

TEST(ChildrenTest, AnEndIsRememberedForWhoeverAsksLate) {
    Children children;
    children.expect();
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(3);
    siginfo_t ended{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT), 0);
    children.reap();
    int seen = -1;
    children.watch(pid, [&](int status) { seen = status; });
    EXPECT_EQ(seen, 3 << 8);
    children.expect_no_more();
}

TEST(PumpTest, WhatIsLeftAtTheEndIsTakenWholeWhateverTheSinkDoes) {
    auto loop = sys::EventLoop::create();
    ASSERT_TRUE(loop);
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const std::string written(3 * Pump::most, 'x');
    ASSERT_EQ(::write(ends[1], written.data(), written.size()),
              static_cast<ssize_t>(written.size()));
    ::close(ends[1]);
    std::string taken;
    Pump pump{*loop,
              {.take =
                   [&](std::string_view bytes) {
                       taken += bytes;
                       errno = EAGAIN;  // as a socket that is full leaves it
                   },
               .has_room = [](std::size_t) { return false; }}};
    pump.open(sys::UniqueFd{ends[0]});
    pump.drain();
    EXPECT_EQ(taken, written);
    EXPECT_FALSE(pump.is_open());
}

TEST(TimersTest, WhatIsDueIsDoneOnce) {
    Timers timers;
    int done = 0;
    timers.after(0, [&] { ++done; });
    const auto late = timers.after(100'000, [&] { done += 100; });
    EXPECT_EQ(timers.next_ms(), 0);
    timers.run_due();
    timers.run_due();
    EXPECT_EQ(done, 1);
    EXPECT_GT(timers.next_ms(), 0);
    timers.cancel(late);
    EXPECT_EQ(timers.next_ms(), -1);
}

TEST(ServiceConfigTest, WhatIsWrongIsNamed) {
    const auto refusal = [](std::string_view text) {
        const auto config = parse_service_config(text, "service.json");
        return config ? "" : line_of(config.error());
    };
    EXPECT_EQ(refusal(R"({"version": 1, "restart": "on-failure", "after": ["db"],
                          "ready": {"port": 80}, "stop_signal": "QUIT"})"),
              "");
    EXPECT_THAT(refusal(R"({"version": 1, "restart": "maybe"})"), HasSubstr("/restart"));
    EXPECT_THAT(refusal(R"({"version": 1, "ready": {}})"), HasSubstr("/ready"));
    EXPECT_THAT(refusal(R"({"version": 1, "restrat": "no"})"), HasSubstr("restrat"));
}

class InventoryTest : public testing::Test {
   protected:
    InventoryTest() {
        std::string name = "/tmp/kos-inventory-XXXXXX";
        root_ = ::mkdtemp(name.data());
    }
    ~InventoryTest() override { std::filesystem::remove_all(root_); }
    void write(const std::string& path, const std::string& text = "{}") const {
        std::filesystem::create_directories(std::filesystem::path{root_ + path}.parent_path());
        std::ofstream{root_ + path} << text;
    }
    std::string root_;
};

TEST_F(InventoryTest, LinuxKitsLayoutIsRead) {
    write("/containers/onboot/010-net/config.json");
    write("/containers/onboot/000-sysctl/config.json");
    write("/containers/services/web/config.json");
    write("/containers/services/web/service.json", R"({"version": 1, "after": ["db"]})");
    write("/containers/services/db/config.json");
    write("/containers/onshutdown/000-bye/config.json");
    const auto inventory = read_inventory(root_);
    ASSERT_TRUE(inventory.ok()) << line_of(inventory.error());
    ASSERT_EQ(inventory->onboot.size(), 2u);
    EXPECT_EQ(inventory->onboot[0].name, "onboot-000-sysctl");
    EXPECT_EQ(inventory->onboot[1].bundle, "/containers/onboot/010-net");
    EXPECT_EQ(inventory->services[1].name, "web");
    EXPECT_EQ(inventory->onshutdown[0].name, "onshutdown-000-bye");
}

TEST_F(InventoryTest, OneContainerIsTheServiceMain) {
    write("/container/config.json");
    write("/container/guest.json", R"({"version": 1, "stdin": true})");
    const auto inventory = read_inventory(root_);
    ASSERT_TRUE(inventory.ok());
    EXPECT_EQ(inventory->services[0].name, main_container);
    EXPECT_TRUE(inventory->services[0].has_input);
}

TEST_F(InventoryTest, NothingToRunIsAnError) { EXPECT_FALSE(read_inventory(root_).ok()); }

TEST_F(InventoryTest, ServicesWaitForServicesThatThereAre) {
    write("/containers/services/web/config.json");
    write("/containers/services/web/service.json", R"({"version": 1, "after": ["db"]})");
    auto inventory = read_inventory(root_);
    ASSERT_FALSE(inventory.ok());
    EXPECT_THAT(line_of(inventory.error()), HasSubstr("there is no service \"db\""));
    write("/containers/services/db/config.json");
    write("/containers/services/db/service.json", R"({"version": 1, "after": ["web"]})");
    inventory = read_inventory(root_);
    ASSERT_FALSE(inventory.ok());
    EXPECT_THAT(line_of(inventory.error()), HasSubstr("waits for itself"));
}

}  // namespace
}  // namespace kos::init
