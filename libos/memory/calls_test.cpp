// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The memory calls, as an app makes them.
#include "libos/abi/memory.hpp"
#include "libos/testing/app.hpp"

#include <gtest/gtest.h>

namespace kos::libos {
namespace {

using testing::address_of;
using testing::App;
namespace number = testing::number;
namespace map_flag = abi::map_flag;

constexpr Word anonymous = map_flag::private_copy | map_flag::anonymous;
constexpr Word no_file = ~Word{0};

class MemoryCallsTest : public ::testing::Test {
   protected:
    Word open(const char* path) {
        return app_.must_call(number::openat, {testing::at_working_directory, address_of(path), 0});
    }
    const char* text_at(Word address) {
        return reinterpret_cast<const char*>(app_.manager.memory(address));
    }

    App app_;
};

TEST_F(MemoryCallsTest, MapsAnonymousMemory) {
    const Word address = app_.must_call(number::mmap, {0, 100, 3, anonymous, no_file, 0});
    EXPECT_TRUE(is_aligned<Word>(address, page_size));
    EXPECT_EQ(app_.manager.protection(address), 3u);
    app_.must_call(number::munmap, {address, 100});
}

TEST_F(MemoryCallsTest, MapsACopyOfAFile) {
    const Word address =
        app_.must_call(number::mmap, {0, 100, 1, map_flag::private_copy, open("/etc/hosts"), 0});
    EXPECT_STREQ(text_at(address), "127.0.0.1 localhost\n");
    EXPECT_EQ(app_.manager.protection(address), 1u);
}

TEST_F(MemoryCallsTest, AFileThatIsNotWritableIsNotShared) {
    EXPECT_EQ(app_.error_of(number::mmap, {0, 100, 3, map_flag::shared, open("/etc/hosts"), 0}),
              Errno::Eacces);
    app_.must_call(number::mmap, {0, 100, 1, map_flag::shared, open("/etc/hosts"), 0});
}

TEST_F(MemoryCallsTest, MemoryIsNeverWritableAndExecutable) {
    EXPECT_EQ(app_.error_of(number::mmap, {0, 4096, 7, anonymous, no_file, 0}), Errno::Eacces);
    EXPECT_FALSE(app_.manager.logged.empty());
    const Word address = app_.must_call(number::mmap, {0, 4096, 5, anonymous, no_file, 0});
    EXPECT_EQ(app_.manager.protection(address), 5u);
    EXPECT_EQ(app_.error_of(number::mprotect, {address, 4096, 7}), Errno::Eacces);
    EXPECT_EQ(app_.manager.protection(address), 5u);
}

TEST_F(MemoryCallsTest, MalformedRequestsAreRefused) {
    EXPECT_EQ(app_.error_of(number::mmap, {0, 0, 3, anonymous, no_file, 0}), Errno::Einval);
    EXPECT_EQ(app_.error_of(number::mmap, {0, 4096, 3, map_flag::anonymous, no_file, 0}),
              Errno::Einval);
    EXPECT_EQ(app_.error_of(number::mmap, {0, ~Word{0}, 3, anonymous, no_file, 0}), Errno::Enomem);
    EXPECT_EQ(app_.error_of(number::mmap, {1, 4096, 3, anonymous | map_flag::fixed, no_file, 0}),
              Errno::Einval);
    EXPECT_EQ(app_.error_of(number::mmap, {0, 4096, 3, map_flag::private_copy, 77, 0}),
              Errno::Ebadf);
    EXPECT_EQ(app_.error_of(number::munmap, {1, 4096}), Errno::Einval);
}

TEST_F(MemoryCallsTest, BrkTellsAndMovesTheBreak) {
    const Word start = app_.must_call(number::brk, {0});
    EXPECT_EQ(start, testing::FakeManager::brk_area.start.value());
    EXPECT_EQ(app_.must_call(number::brk, {start + 5000}), start + 5000);
}

TEST_F(MemoryCallsTest, AnAdviceToForgetIsTaken) {
    const Word address = app_.must_call(number::mmap, {0, 4096, 3, anonymous, no_file, 0});
    *app_.manager.memory(address) = std::byte{1};
    app_.must_call(number::madvise, {address, 4096, 4});
    EXPECT_EQ(*app_.manager.memory(address), std::byte{0});
}

}  // namespace
}  // namespace kos::libos
