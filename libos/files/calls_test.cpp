// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The calls on files, as an app makes them.
#include "libos/testing/app.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <set>
#include <string>

namespace kos::libos {
namespace {

using testing::address_of;
using testing::App;
using testing::at_working_directory;
namespace number = testing::number;
namespace open_flag = abi::open_flag;

class FileCallsTest : public ::testing::Test {
   protected:
    Word open(const char* path, Word flags = 0) {
        return app_.must_call(number::openat, {at_working_directory, address_of(path), flags});
    }
    std::optional<Errno> open_error(const char* path, Word flags) {
        return app_.error_of(number::openat, {at_working_directory, address_of(path), flags});
    }
    std::string read(Word file, std::size_t size = 64) {
        std::string text(size, '\0');
        text.resize(app_.must_call(number::read, {file, address_of(text.data()), size}));
        return text;
    }
    abi::Stat stat(const char* path, Word flags = 0) {
        abi::Stat result{};
        app_.must_call(number::newfstatat,
                       {at_working_directory, address_of(path), address_of(&result), flags});
        return result;
    }
    std::set<std::string> names(const char* path, std::size_t buffer_size = 4096) {
        const Word file = open(path, open_flag::directory);
        std::set<std::string> found;
        std::vector<char> buffer(buffer_size);
        while (const Word used = app_.must_call(number::getdents64,
                                                {file, address_of(buffer.data()), buffer.size()})) {
            for (Word at = 0; at < used;) {
                std::uint16_t length;
                std::memcpy(&length, &buffer[at + 16], sizeof length);
                found.insert(&buffer[at + abi::DirectoryEntry::name_offset]);
                at += length;
            }
        }
        app_.must_call(number::close, {file});
        return found;
    }

    App app_;
};

TEST_F(FileCallsTest, ReadsAFileToItsEnd) {
    const Word file = open("/foo.txt");
    EXPECT_EQ(file, 3u);
    EXPECT_EQ(read(file, 2), "fo");
    EXPECT_EQ(read(file), "o\n");
    EXPECT_EQ(read(file), "");
}

TEST_F(FileCallsTest, ReadsAtAPlaceWithoutMoving) {
    const Word file = open("/foo.txt");
    std::array<char, 2> text{};
    EXPECT_EQ(app_.must_call(number::pread64, {file, address_of(text.data()), 2, 1}), 2u);
    EXPECT_EQ((std::string_view{text.data(), 2}), "oo");
    EXPECT_EQ(read(file), "foo\n");
}

TEST_F(FileCallsTest, ReadsIntoSeveralBuffers) {
    const Word file = open("/foo.txt");
    std::array<char, 2> first{}, second{};
    const std::array vectors{abi::IoVector{address_of(first.data()), 1},
                             abi::IoVector{address_of(second.data()), 2}};
    EXPECT_EQ(app_.must_call(number::readv, {file, address_of(vectors.data()), 2}), 3u);
    EXPECT_EQ(first[0], 'f');
    EXPECT_EQ((std::string_view{second.data(), 2}), "oo");
}

TEST_F(FileCallsTest, SeeksFromEveryEnd) {
    const Word file = open("/foo.txt");
    const auto seek = [&](std::int64_t offset, Word whence) {
        return app_.must_call(number::lseek, {file, static_cast<Word>(offset), whence});
    };
    EXPECT_EQ(seek(0, 2), 4u);
    EXPECT_EQ(seek(-3, 1), 1u);
    EXPECT_EQ(read(file, 1), "o");
    EXPECT_EQ(seek(1, 3), 1u);
    EXPECT_EQ(seek(1, 4), 4u);
    EXPECT_EQ(app_.error_of(number::lseek, {file, ~Word{0}, 0}), Errno::Einval);
    EXPECT_EQ(app_.error_of(number::lseek, {file, 4, 3}), Errno::Enxio);
}

TEST_F(FileCallsTest, NothingCanBeWrittenOrMade) {
    EXPECT_EQ(open_error("/foo.txt", open_flag::write_only), Errno::Erofs);
    EXPECT_EQ(open_error("/new", open_flag::write_only | open_flag::create), Errno::Erofs);
    EXPECT_EQ(open_error("/nowhere/new", open_flag::write_only | open_flag::create), Errno::Enoent);
    EXPECT_EQ(open_error("/foo.txt", open_flag::create | open_flag::exclusive), Errno::Eexist);
    EXPECT_EQ(app_.error_of(number::mkdirat, {at_working_directory, address_of("/d")}),
              Errno::Erofs);
    EXPECT_EQ(app_.error_of(number::write, {open("/foo.txt"), address_of("x"), 1}), Errno::Ebadf);
}

TEST_F(FileCallsTest, OpenHeedsItsFlags) {
    EXPECT_EQ(open_error("/foo.txt", open_flag::directory), Errno::Enotdir);
    EXPECT_EQ(open_error("/etc", open_flag::read_write), Errno::Eisdir);
    EXPECT_EQ(open_error("/link", open_flag::no_follow), Errno::Eloop);
    EXPECT_EQ(app_.error_of(number::read, {open("/etc"), 0, 0}), Errno::Eisdir);
    EXPECT_EQ(app_.error_of(number::read, {open("/foo.txt", open_flag::path), 0, 0}), Errno::Ebadf);
}

TEST_F(FileCallsTest, OpensBesideADirectory) {
    const Word directory = open("/etc", open_flag::directory);
    const Word file = app_.must_call(number::openat, {directory, address_of("hosts"), 0});
    EXPECT_EQ(read(file, 9), "127.0.0.1");
    EXPECT_EQ(app_.error_of(number::openat, {file, address_of("x"), 0}), Errno::Enotdir);
    EXPECT_EQ(app_.error_of(number::openat, {99, address_of("x"), 0}), Errno::Ebadf);
}

TEST_F(FileCallsTest, ListsWhatTheImageHasAndNothingElse) {
    const std::set<std::string> expected{".", "..", "hosts", "secret", "private", "up"};
    EXPECT_EQ(names("/etc"), expected);
    EXPECT_FALSE(names("/").contains("dev"));
    EXPECT_FALSE(names("/").contains("proc"));
}

TEST_F(FileCallsTest, ListsInPiecesAsSmallAsOneEntry) { EXPECT_EQ(names("/", 32), names("/")); }

TEST_F(FileCallsTest, ABufferTooSmallForAnEntryIsRefused) {
    std::array<char, 16> buffer;
    EXPECT_EQ(app_.error_of(number::getdents64,
                            {open("/", open_flag::directory), address_of(buffer.data()), 16}),
              Errno::Einval);
}

TEST_F(FileCallsTest, DescribesFiles) {
    const abi::Stat file = stat("/foo.txt");
    EXPECT_EQ(file.mode, abi::mode::regular | 0644);
    EXPECT_EQ(file.size, 4);
    EXPECT_EQ(file.links, 2u);
    EXPECT_EQ(file.modified.seconds, 1'600'000'000);
    EXPECT_EQ(file.inode, stat("/same.txt").inode);
    EXPECT_NE(file.inode, stat("/etc/hosts").inode);
    EXPECT_EQ(stat("/link", abi::at_flag::no_follow).mode & abi::mode::type_mask, abi::mode::link);
    EXPECT_EQ(stat("/etc").mode & abi::mode::type_mask, abi::mode::directory);
}

TEST_F(FileCallsTest, StatxAgreesWithStat) {
    abi::Statx extended{};
    app_.must_call(number::statx,
                   {at_working_directory, address_of("/foo.txt"), 0, 0x7ff, address_of(&extended)});
    const abi::Stat plain = stat("/foo.txt");
    EXPECT_EQ(extended.size, static_cast<std::uint64_t>(plain.size));
    EXPECT_EQ(extended.inode, plain.inode);
    EXPECT_EQ(extended.mode, plain.mode);
    EXPECT_EQ(extended.modified.seconds, plain.modified.seconds);
}

TEST_F(FileCallsTest, DescribesAnOpenFileByAnEmptyPath) {
    abi::Stat result{};
    app_.must_call(number::newfstatat,
                   {1, address_of(""), address_of(&result), abi::at_flag::empty_path});
    EXPECT_EQ(result.mode & abi::mode::type_mask, abi::mode::fifo);
}

TEST_F(FileCallsTest, ReadsLinks) {
    std::array<char, 64> text{};
    const auto read_link = [&](const char* path, Word size) {
        const Word length =
            app_.must_call(number::readlinkat,
                           {at_working_directory, address_of(path), address_of(text.data()), size});
        return std::string{text.data(), length};
    };
    EXPECT_EQ(read_link("/link", 64), "etc/hosts");
    EXPECT_EQ(read_link("/link", 3), "etc");
    EXPECT_EQ(read_link("/proc/self/exe", 64), "/bin/sh");
    EXPECT_EQ(app_.error_of(number::readlinkat, {at_working_directory, address_of("/foo.txt"),
                                                 address_of(text.data()), 64}),
              Errno::Einval);
}

TEST_F(FileCallsTest, TheWorkingDirectoryIsWhereRelativePathsStart) {
    std::array<char, 64> text{};
    app_.must_call(number::chdir, {address_of("/absolute")});
    EXPECT_EQ(app_.must_call(number::getcwd, {address_of(text.data()), 64}), 5u);
    EXPECT_STREQ(text.data(), "/etc");
    EXPECT_EQ(stat("hosts").size, 20);
    EXPECT_EQ(app_.error_of(number::getcwd, {address_of(text.data()), 4}), Errno::Erange);
    EXPECT_EQ(app_.error_of(number::chdir, {address_of("hosts")}), Errno::Enotdir);
    app_.must_call(number::fchdir, {open("/bin", open_flag::directory)});
    EXPECT_EQ(stat("sh").size, 4);
}

TEST_F(FileCallsTest, DescriptorsAreTheLowestFree) {
    const Word first = open("/foo.txt"), second = open("/foo.txt");
    app_.must_call(number::close, {first});
    EXPECT_EQ(app_.must_call(number::dup, {second}), first);
    EXPECT_EQ(app_.must_call(number::fcntl, {second, 0, 20}), 20u);
    EXPECT_EQ(app_.error_of(number::close, {100}), Errno::Ebadf);
}

TEST_F(FileCallsTest, DuplicatesShareTheirPosition) {
    const Word file = open("/foo.txt");
    app_.must_call(number::dup3, {file, 30, 0});
    EXPECT_EQ(read(file, 2), "fo");
    EXPECT_EQ(read(30), "o\n");
    app_.must_call(number::close, {file});
    app_.must_call(number::lseek, {30, 0, 0});
    EXPECT_EQ(read(30), "foo\n");
}

TEST_F(FileCallsTest, FlagsBelongToTheDescriptorOrToTheFile) {
    const Word file = open("/foo.txt", open_flag::close_on_exec);
    const Word copy = app_.must_call(number::dup, {file});
    EXPECT_EQ(app_.must_call(number::fcntl, {file, 1}), 1u);
    EXPECT_EQ(app_.must_call(number::fcntl, {copy, 1}), 0u);
    app_.must_call(number::fcntl, {file, 4, open_flag::nonblock});
    EXPECT_EQ(app_.must_call(number::fcntl, {copy, 3}), Word{open_flag::nonblock});
}

TEST_F(FileCallsTest, FilesRunOutAndComeBack) {
    std::vector<Word> files;
    for (;;) {
        const auto file =
            app_.call(number::openat, {at_working_directory, address_of("/foo.txt"), 0});
        if (!file) {
            EXPECT_TRUE(file.error() == Errno::Emfile || file.error() == Errno::Enfile);
            break;
        }
        files.push_back(*file);
    }
    EXPECT_EQ(files.size(), FileTable::capacity - 3);
    for (const Word file : files) app_.must_call(number::close, {file});
    EXPECT_EQ(open("/foo.txt"), 3u);
}

TEST_F(FileCallsTest, OutputGoesToTheManagerWhole) {
    const std::string text(5000, 'a');
    EXPECT_EQ(app_.must_call(number::write, {1, address_of(text.data()), text.size()}), 5000u);
    EXPECT_EQ(app_.manager.written[1], text);
    app_.must_call(number::write, {2, address_of("err"), 3});
    EXPECT_EQ(app_.manager.written[2], "err");
}

TEST_F(FileCallsTest, SmallBuffersTravelInOneRequest) {
    const std::array vectors{abi::IoVector{address_of("hello "), 6},
                             abi::IoVector{address_of("world\n"), 6}};
    const auto before = app_.manager.requests;
    EXPECT_EQ(app_.must_call(number::writev, {1, address_of(vectors.data()), 2}), 12u);
    EXPECT_EQ(app_.manager.written[1], "hello world\n");
    EXPECT_EQ(app_.manager.requests, before + 1);
}

TEST_F(FileCallsTest, LargeBuffersAreWrittenInOrder) {
    const std::string first(2000, 'a'), second(10, 'b');
    const std::array vectors{abi::IoVector{address_of(first.data()), first.size()},
                             abi::IoVector{address_of(second.data()), second.size()}};
    EXPECT_EQ(app_.must_call(number::writev, {1, address_of(vectors.data()), 2}), 2010u);
    EXPECT_EQ(app_.manager.written[1], first + second);
}

TEST_F(FileCallsTest, InputIsAtItsEnd) {
    EXPECT_EQ(read(0), "");
    EXPECT_EQ(app_.error_of(number::read, {1, 0, 0}), Errno::Ebadf);
}

TEST_F(FileCallsTest, NoStreamIsATerminal) {
    constexpr Word window_size = 0x5413;
    EXPECT_EQ(app_.error_of(number::ioctl, {1, window_size, 0}), Errno::Enotty);
}

TEST_F(FileCallsTest, MemoryDevicesDoAsTheirNamesSay) {
    EXPECT_EQ(read(open("/dev/null")), "");
    EXPECT_EQ(read(open("/dev/zero"), 3), std::string(3, '\0'));
    EXPECT_NE(read(open("/dev/urandom"), 32), std::string(32, '\0'));
    EXPECT_EQ(app_.must_call(number::write,
                             {open("/dev/null", open_flag::write_only), address_of("x"), 1}),
              1u);
    EXPECT_EQ(app_.error_of(number::write,
                            {open("/dev/full", open_flag::read_write), address_of("x"), 1}),
              Errno::Enospc);
}

TEST_F(FileCallsTest, SendfileMovesAFileToTheOutput) {
    EXPECT_EQ(app_.must_call(number::sendfile, {1, open("/etc/hosts"), 0, 1000}), 20u);
    EXPECT_EQ(app_.manager.written[1], "127.0.0.1 localhost\n");
}

TEST_F(FileCallsTest, PointersToNowhereAreRefused) {
    EXPECT_EQ(app_.error_of(number::openat, {at_working_directory, 0, 0}), Errno::Efault);
    EXPECT_EQ(app_.error_of(number::read, {open("/foo.txt"), 0, 10}), Errno::Efault);
}

TEST(FileCallsAsSomebodyTest, ModesDecideWhatMayBeRead) {
    App app{testing::small_root(), {1000, 1000}};
    EXPECT_EQ(app.error_of(number::openat, {at_working_directory, address_of("/etc/secret"), 0}),
              Errno::Eacces);
    EXPECT_EQ(app.error_of(number::faccessat, {at_working_directory, address_of("/etc/secret"), 4}),
              Errno::Eacces);
    app.must_call(number::faccessat, {at_working_directory, address_of("/bin/sh"), 1});
    EXPECT_EQ(app.error_of(number::faccessat, {at_working_directory, address_of("/foo.txt"), 2}),
              Errno::Erofs);
    EXPECT_EQ(app.must_call(number::getuid), 1000u);
}

}  // namespace
}  // namespace kos::libos
