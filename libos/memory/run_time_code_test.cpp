// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Code that an app writes and then makes executable.
#include "lib/native/manager.hpp"
#include "libos/memory/address_space.hpp"
#include "libos/testing/app.hpp"
#include "loader/rewrite/instruction.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace kos::libos {
namespace {

using rewrite::Instruction;
using testing::FakeManager;

constexpr std::uint8_t read_write = 3, read_execute = 5;
constexpr Instruction svc = 0xd400'0001, set_thread_pointer = 0xd51b'd043, nop = 0xd503'201f;

class RunTimeCodeTest : public ::testing::Test {
   protected:
    VirtualAddress map(std::uint64_t page_count, std::uint64_t hint = 0) {
        return memory_.map({VirtualAddress{hint}, page_count * page_size, read_write}).value();
    }
    Outcome<void> protect(VirtualAddress start, std::uint64_t page_count, std::uint8_t protection) {
        return memory_.protect({start, page_count * page_size}, protection);
    }
    void put(VirtualAddress address, Instruction word) {
        std::memcpy(manager_.memory(address.value()), &word, sizeof(word));
    }
    Instruction word_at(VirtualAddress address) {
        Instruction word;
        std::memcpy(&word, manager_.memory(address.value()), sizeof(word));
        return word;
    }

    FakeManager manager_;
    std::vector<Area> storage_ = std::vector<Area>(256);
    AddressSpace memory_{FakeManager::brk_area, FakeManager::window, 1u << 20, storage_};
};

TEST_F(RunTimeCodeTest, SystemCallsBecomeBranchesToStubsThatComeBack) {
    const VirtualAddress code = map(1);
    put(code, nop);
    put(code + 4, svc);
    put(code + 8, set_thread_pointer);
    ASSERT_TRUE(protect(code, 1, read_execute));
    EXPECT_EQ(manager_.protection(code.value()), read_execute);
    EXPECT_EQ(word_at(code), nop);
    for (const std::uint64_t site : {4u, 8u}) {
        const auto stub = rewrite::branch_target(word_at(code + site), code + site);
        ASSERT_TRUE(stub);
        EXPECT_EQ(manager_.protection(stub->value()), read_execute);
        const unsigned last = site == 4 ? 6 : 5;
        EXPECT_EQ(rewrite::branch_target(word_at(*stub + last * 4), *stub + last * 4),
                  code + (site + 4));
    }
}

TEST_F(RunTimeCodeTest, CodeWhoseStubsAreRefusedIsAsItWas) {
    const VirtualAddress code = map(1);
    put(code, svc);
    manager_.refuse_executable_with = 12;
    EXPECT_EQ(protect(code, 1, read_execute).error(), Errno::Enomem);
    EXPECT_EQ(word_at(code), svc);
    manager_.refuse_executable_with = 0;
    ASSERT_TRUE(protect(code, 1, read_execute));
    const auto stub = rewrite::branch_target(word_at(code), code);
    ASSERT_TRUE(stub);
    EXPECT_EQ(manager_.protection(stub->value()), read_execute);
}

TEST_F(RunTimeCodeTest, CodeWithoutSystemCallsNeedsNoStubs) {
    const VirtualAddress code = map(2);
    put(code, nop);
    const std::size_t areas = memory_.areas().areas().size();
    ASSERT_TRUE(protect(code, 2, read_execute));
    EXPECT_EQ(memory_.areas().areas().size(), areas);
}

TEST_F(RunTimeCodeTest, CodeCanBeWrittenAgainOnceItIsNotExecutable) {
    const VirtualAddress code = map(1);
    put(code, svc);
    ASSERT_TRUE(protect(code, 1, read_execute));
    const Instruction first = word_at(code);
    ASSERT_TRUE(protect(code, 1, read_write));
    EXPECT_EQ(manager_.protection(code.value()), read_write);
    put(code + 4, svc);
    ASSERT_TRUE(protect(code, 1, read_execute));
    EXPECT_EQ(word_at(code), first);  // its stub is still there
    EXPECT_TRUE(rewrite::branch_target(word_at(code + 4), code + 4));
}

TEST_F(RunTimeCodeTest, CodeThatWasOutOfReachIsRewrittenAsWell) {
    const VirtualAddress code = map(1);
    put(code, svc);
    ASSERT_TRUE(protect(code, 1, native::protect_none));
    ASSERT_TRUE(protect(code, 1, read_execute));
    EXPECT_TRUE(rewrite::branch_target(word_at(code), code));
}

TEST_F(RunTimeCodeTest, StubsLieInReachOfTheirCode) {
    // What lies between is taken: the lowest free place is 200 MiB away.
    const VirtualAddress code = FakeManager::window.start + (200u << 20);
    ASSERT_EQ(map(1, code.value()), code);
    put(code, svc);
    ASSERT_TRUE(protect(code, 1, read_execute));
    EXPECT_TRUE(rewrite::branch_target(word_at(code), code));
}

TEST_F(RunTimeCodeTest, ExecutableMemoryIsNotMoved) {
    const VirtualAddress code = map(1);
    ASSERT_EQ(map(1), code + page_size);  // no room to grow
    ASSERT_TRUE(protect(code, 1, read_execute));
    EXPECT_EQ(memory_.resize({code, page_size}, 2 * page_size, true).error(), Errno::Enomem);
}

}  // namespace
}  // namespace kos::libos
