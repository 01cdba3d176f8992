// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/file.hpp"
#include "lib/linux/mount.hpp"
#include "lib/linux/process.hpp"
#include "lib/linux/socket.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sys/wait.h>

namespace kos::sys {
namespace {

/// A directory that is gone after the test.
class Scratch {
   public:
    Scratch() : path_(::mkdtemp(name_)), fd_(open(AT_FDCWD, name_, O_PATH).value()) {}
    /// From /tmp, as remove_tree does not cross into another mount, which /tmp may be.
    ~Scratch() {
        const UniqueFd parent = open(AT_FDCWD, "/tmp", O_PATH).value();
        EXPECT_TRUE(remove_tree(parent.get(), path_.c_str() + sizeof("/tmp")).ok());
    }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] Fd fd() const { return fd_.get(); }

   private:
    char name_[32] = "/tmp/kos-linux-test-XXXXXX";
    std::string path_;
    UniqueFd fd_;
};

TEST(UniqueFd, ClosesWhatItOwnsAndNothingElse) {
    Fd raw;
    {
        UniqueFd first = open(AT_FDCWD, "/dev/null", O_RDONLY).value();
        raw = first.get();
        UniqueFd second = std::move(first);
        EXPECT_FALSE(first);
        EXPECT_NE(::fcntl(raw, F_GETFD), -1);
    }
    EXPECT_EQ(::fcntl(raw, F_GETFD), -1);
}

TEST(File, AFailedOpenGivesTheErrorOfTheKernel) {
    EXPECT_EQ(open(AT_FDCWD, "/nonexistent", O_RDONLY).error(), ENOENT);
}

TEST(File, ReplacingAFileLeavesNoTemporaryBehind) {
    const Scratch scratch;
    EXPECT_TRUE(replace_file(scratch.fd(), "a", "one", 0600).ok());
    EXPECT_TRUE(replace_file(scratch.fd(), "a", "two", 0600).ok());
    EXPECT_EQ(read_file(scratch.fd(), "a").value(), "two");
    EXPECT_EQ(::unlinkat(scratch.fd(), "a", 0), 0);
    EXPECT_EQ(::unlinkat(AT_FDCWD, scratch.path().c_str(), AT_REMOVEDIR), 0);
}

TEST(File, WhatIsWrittenToAPipeIsReadFromItUntilItsWriterIsClosed) {
    Pipe pipe = make_pipe().value();
    EXPECT_NE(::fcntl(pipe.read.get(), F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_NE(::fcntl(pipe.write.get(), F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_TRUE(write_all(pipe.write.get(), "hello").ok());
    pipe.write.reset();
    EXPECT_EQ(read_all(pipe.read.get()).value(), "hello");
}

TEST(Process, AFailedExecIsToldByItsErrno) {
    Pipe pipe = make_pipe().value();
    EXPECT_TRUE(write_all(pipe.write.get(), std::string{"\2\0\0\0", 4}).ok());
    EXPECT_EQ(exec_error(pipe.read.get()), ENOENT);
    pipe.write.reset();
    EXPECT_EQ(exec_error(pipe.read.get()), 0);
}

TEST(File, AFileLongerThanAnyBufferIsReadWhole) {
    const Scratch scratch;
    const std::string text(100'000, 'x');
    ASSERT_TRUE(replace_file(scratch.fd(), "long", text, 0600).ok());
    EXPECT_EQ(read_file(scratch.fd(), "long").value(), text);
}

TEST(File, RemovingATreeDoesNotFollowLinks) {
    const Scratch scratch;
    ASSERT_TRUE(make_directories(scratch.path() + "/tree/below", 0700).ok());
    ASSERT_TRUE(replace_file(scratch.fd(), "kept", "", 0600).ok());
    ASSERT_EQ(::symlinkat("../../kept", scratch.fd(), "tree/below/link"), 0);
    EXPECT_TRUE(remove_tree(scratch.fd(), "tree").ok());
    EXPECT_EQ(stat(scratch.fd(), "tree").error(), ENOENT);
    EXPECT_TRUE(stat(scratch.fd(), "kept").ok());
}

TEST(Socket, AMessageArrivesWithItsDescriptor) {
    auto [left, right] = socket_pair().value();
    const UniqueFd null = open(AT_FDCWD, "/dev/null", O_RDONLY).value();
    ASSERT_TRUE(send_message(left.get(), "hello", null.get()).ok());
    const auto message = receive_message(right.get()).value();
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->text, "hello");
    EXPECT_EQ(stat(message->descriptor.get())->st_rdev, stat(null.get())->st_rdev);
}

TEST(Socket, AClosedPeerReadsAsNoMessage) {
    auto [left, right] = socket_pair().value();
    left.reset();
    EXPECT_FALSE(receive_message(right.get()).value().has_value());
}

TEST(Process, AChildIsReapedWithItsExitStatus) {
    const Child child = clone({}).value();
    if (child.pid == 0) ::_exit(7);
    EXPECT_TRUE(wait_for_end(child.pidfd.get(), -1));
    EXPECT_EQ(exit_code_of(reap(child.pid).value()), 7);
}

TEST(Process, StatusTellsRunningFromEnded) {
    EXPECT_EQ(status_of(::getpid())->state, 'R');
    const Child child = clone({}).value();
    if (child.pid == 0) ::_exit(0);
    EXPECT_TRUE(wait_for_end(child.pidfd.get(), -1));
    EXPECT_EQ(status_of(child.pid)->state, 'Z');
    ASSERT_TRUE(reap(child.pid).ok());
    EXPECT_FALSE(status_of(child.pid).ok());
}

TEST(Mount, PathsOfMountinfoAreUnescaped) {
    EXPECT_EQ("/a b\tc\nd\\e", unescape_mount_path(R"(/a\040b\011c\012d\134e)"));
    EXPECT_EQ(R"(/a\04)", unescape_mount_path(R"(/a\04)"));
    EXPECT_EQ(R"(/\089)", unescape_mount_path(R"(/\089)"));
    EXPECT_EQ("", unescape_mount_path(""));
}

}  // namespace
}  // namespace kos::sys
