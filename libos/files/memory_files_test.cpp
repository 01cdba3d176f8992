// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/abi/memory.hpp"
#include "libos/testing/app.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace kos::libos::testing {
namespace {

constexpr std::uint32_t pages = 8;

std::vector<std::byte> root_with_memory() {
    return Archive{}
        .directory(".")
        .file("image.txt", "image\n")
        .memory_files("tmp", pages)
        .memory_files("run", 2, 0755)
        .finish();
}

class MemoryFilesTest : public ::testing::Test {
   public:
    explicit MemoryFilesTest(Identity who = {}) : app(root_with_memory(), who) {}

    Word open(const char* path, unsigned flags, unsigned mode = 0644) {
        return app.must_call(number::openat, {at_working_directory, address_of(path), flags, mode});
    }
    std::optional<Errno> open_error(const char* path, unsigned flags, unsigned mode = 0644) {
        return app.error_of(number::openat, {at_working_directory, address_of(path), flags, mode});
    }
    Word create(const char* path, unsigned mode = 0644) {
        return open(path, read_write | abi::open_flag::create, mode);
    }
    void close(Word file) { app.must_call(number::close, {file}); }
    Word write(Word file, std::string_view text) {
        return app.must_call(number::write, {file, address_of(text.data()), text.size()});
    }
    void put(const char* path, std::string_view text) {
        const Word file = create(path);
        EXPECT_EQ(write(file, text), text.size());
        close(file);
    }
    std::string read_at(Word file, Word offset, std::size_t size) {
        std::string text(size, '?');
        text.resize(app.must_call(number::pread64, {file, address_of(text.data()), size, offset}));
        return text;
    }
    std::string get(const char* path) {
        const Word file = open(path, 0);
        std::string text = read_at(file, 0, 100);
        close(file);
        return text;
    }
    abi::Stat stat(const char* path) {
        abi::Stat result{};
        app.must_call(number::newfstatat, {at_working_directory, address_of(path),
                                           address_of(&result), abi::at_flag::no_follow});
        return result;
    }
    std::optional<Errno> mkdir(const char* path, unsigned mode = 0755) {
        return app.error_of(number::mkdirat, {at_working_directory, address_of(path), mode});
    }
    std::optional<Errno> unlink(const char* path, unsigned flags = 0) {
        return app.error_of(number::unlinkat, {at_working_directory, address_of(path), flags});
    }
    std::optional<Errno> rename(const char* from, const char* to, unsigned flags = 0) {
        return app.error_of(number::renameat2, {at_working_directory, address_of(from),
                                                at_working_directory, address_of(to), flags});
    }
    std::vector<std::string> list(Word directory, std::size_t room) {
        std::vector<std::string> names;
        std::vector<std::byte> buffer(room);
        const Word used =
            app.must_call(number::getdents64, {directory, address_of(buffer.data()), room});
        for (Word at = 0; at < used;) {
            abi::DirectoryEntry entry{};
            std::memcpy(&entry, buffer.data() + at, abi::DirectoryEntry::name_offset);
            names.emplace_back(reinterpret_cast<const char*>(buffer.data() + at +
                                                             abi::DirectoryEntry::name_offset));
            at += entry.length;
        }
        return names;
    }
    Word free_pages(const char* path) {
        abi::StatFs result{};
        app.must_call(number::statfs, {address_of(path), address_of(&result)});
        EXPECT_EQ(result.type, 0x0102'1994);
        return result.blocks_free;
    }

    static constexpr unsigned read_write = abi::open_flag::read_write;
    App app;
};

TEST_F(MemoryFilesTest, WhatIsWrittenIsRead) {
    put("/tmp/x", "hello");
    EXPECT_EQ(get("/tmp/x"), "hello");
    const abi::Stat found = stat("/tmp/x");
    EXPECT_EQ(found.mode, abi::mode::regular | 0644u);
    EXPECT_EQ(found.size, 5);
    EXPECT_EQ(found.blocks, 8);
    EXPECT_NE(found.device, stat("/image.txt").device);
    EXPECT_NE(found.device, stat("/run").device);
    EXPECT_GT(found.modified.seconds, 0);
}

TEST_F(MemoryFilesTest, AnImageWithoutThemHasNone) {
    App plain;
    const std::uint64_t asked = plain.manager.requests;
    EXPECT_EQ(plain.error_of(number::mkdirat, {at_working_directory, address_of("/x"), 0755}),
              Errno::Erofs);
    EXPECT_EQ(asked, 0u) << "nothing is mapped for them";
}

TEST_F(MemoryFilesTest, TheImageStaysReadOnly) {
    EXPECT_EQ(open_error("/image.txt", read_write), Errno::Erofs);
    EXPECT_EQ(open_error("/new", read_write | abi::open_flag::create), Errno::Erofs);
    EXPECT_EQ(mkdir("/new"), Errno::Erofs);
    EXPECT_EQ(unlink("/image.txt"), Errno::Erofs);
    EXPECT_EQ(unlink("/tmp", abi::at_flag::remove_directory), Errno::Erofs);
    EXPECT_EQ(rename("/image.txt", "/tmp/x"), Errno::Exdev);
    EXPECT_EQ(rename("/image.txt", "/new"), Errno::Erofs);
    put("/tmp/x", "x");
    EXPECT_EQ(rename("/tmp/x", "/run/x"), Errno::Exdev);
}

TEST_F(MemoryFilesTest, AFullFileSystemTakesNoMoreAndSaysSoOnce) {
    const std::string much(pages * page_size + 100, 'x');
    const Word file = create("/tmp/x");
    EXPECT_EQ(write(file, much), pages * page_size);
    EXPECT_EQ(app.error_of(number::write, {file, address_of(much.data()), 1}), Errno::Enospc);
    EXPECT_EQ(app.error_of(number::write, {file, address_of(much.data()), 1}), Errno::Enospc);
    EXPECT_EQ(app.manager.logged, std::vector<std::string>{"the tmpfs /tmp is full: 32 KiB"});
    EXPECT_EQ(free_pages("/tmp"), 0u);
    EXPECT_EQ(free_pages("/run"), 2u) << "each has a limit of its own";
    app.must_call(number::ftruncate, {file, page_size + 1});
    EXPECT_EQ(free_pages("/tmp"), pages - 2);
    app.must_call(number::ftruncate, {file, 3 * page_size});
    EXPECT_EQ(read_at(file, page_size, 4), std::string("x\0\0\0", 4)) << "no old bytes";
}

TEST_F(MemoryFilesTest, PagesThatAreUsedAgainReadAsZeros) {
    put("/tmp/x", std::string(pages * page_size, 'x'));
    EXPECT_EQ(unlink("/tmp/x"), std::nullopt);
    const Word file = create("/tmp/y");
    app.must_call(number::pwrite64, {file, address_of("y"), 1, 2 * page_size + 7});
    EXPECT_EQ(free_pages("/tmp"), pages - 1);
    EXPECT_EQ(read_at(file, 0, 3 * page_size), std::string(2 * page_size + 7, '\0') + "y")
        << "holes, and the page's rest";
}

TEST_F(MemoryFilesTest, HolesAreFound) {
    const Word file = create("/tmp/x");
    app.must_call(number::pwrite64, {file, address_of("y"), 1, 2 * page_size});
    const auto seek = [&](Word offset, abi::Whence whence) {
        return app.must_call(number::lseek, {file, offset, static_cast<Word>(whence)});
    };
    EXPECT_EQ(seek(0, abi::Whence::Data), 2 * page_size);
    EXPECT_EQ(seek(0, abi::Whence::Hole), 0u);
    EXPECT_EQ(seek(2 * page_size, abi::Whence::Hole), 2 * page_size + 1);
    EXPECT_EQ(app.error_of(number::lseek, {file, 3 * page_size, 3}), Errno::Enxio);
    app.must_call(number::fallocate, {file, 1, 0, 4 * page_size});
    EXPECT_EQ(stat("/tmp/x").size, static_cast<std::int64_t>(2 * page_size + 1));
    EXPECT_EQ(seek(0, abi::Whence::Data), 0u);
    EXPECT_EQ(free_pages("/tmp"), pages - 4);
    app.must_call(number::ftruncate, {file, 0});
    EXPECT_EQ(free_pages("/tmp"), pages);
    EXPECT_EQ(app.error_of(number::fallocate, {file, 0, 0, 100 * page_size}), Errno::Enospc);
    EXPECT_EQ(free_pages("/tmp"), pages);
}

TEST_F(MemoryFilesTest, AFileIsThereWhileItIsOpen) {
    const Word file = create("/tmp/x");
    write(file, "text");
    EXPECT_EQ(unlink("/tmp/x"), std::nullopt);
    EXPECT_EQ(open_error("/tmp/x", 0), Errno::Enoent);
    EXPECT_EQ(read_at(file, 0, 10), "text");
    abi::Stat found{};
    app.must_call(number::fstat, {file, address_of(&found)});
    EXPECT_EQ(found.links, 0u);
    EXPECT_EQ(free_pages("/tmp"), pages - 1);
    close(file);
    EXPECT_EQ(free_pages("/tmp"), pages);
}

TEST_F(MemoryFilesTest, AFileWithoutANameGoesWhenItIsClosed) {
    const unsigned temporary = abi::open_flag::temporary | abi::open_flag::directory;
    EXPECT_EQ(open_error("/", temporary | read_write), Errno::Erofs);
    EXPECT_EQ(open_error("/tmp", temporary), Errno::Einval);
    const Word file = open("/tmp", temporary | read_write, 0600);
    write(file, "text");
    EXPECT_EQ(read_at(file, 0, 10), "text");
    EXPECT_EQ(free_pages("/tmp"), pages - 1);
    close(file);
    EXPECT_EQ(free_pages("/tmp"), pages);
}

TEST_F(MemoryFilesTest, NamesShareAFile) {
    put("/tmp/x", "text");
    app.must_call(number::linkat, {at_working_directory, address_of("/tmp/x"), at_working_directory,
                                   address_of("/tmp/y"), 0});
    EXPECT_EQ(stat("/tmp/x").links, 2u);
    EXPECT_EQ(stat("/tmp/x").inode, stat("/tmp/y").inode);
    app.must_call(number::fchmodat, {at_working_directory, address_of("/tmp/x"), 0600});
    EXPECT_EQ(stat("/tmp/y").mode & 0777, 0600u);
    EXPECT_EQ(rename("/tmp/x", "/tmp/y"), std::nullopt);
    EXPECT_EQ(stat("/tmp/x").links, 2u) << "the same file already";
    EXPECT_EQ(unlink("/tmp/x"), std::nullopt);
    EXPECT_EQ(get("/tmp/y"), "text");
    EXPECT_EQ(stat("/tmp/y").links, 1u);
}

TEST_F(MemoryFilesTest, AnotherFileTakesTheNameOfAnOpenOne) {
    put("/tmp/x", "new");
    put("/tmp/y", "old");
    const Word old = open("/tmp/y", 0);
    EXPECT_EQ(rename("/tmp/x", "/tmp/y", abi::rename_flag::no_replace), Errno::Eexist);
    EXPECT_EQ(rename("/tmp/x", "/tmp/y"), std::nullopt);
    EXPECT_EQ(get("/tmp/y"), "new");
    EXPECT_EQ(read_at(old, 0, 10), "old");
    EXPECT_EQ(open_error("/tmp/x", 0), Errno::Enoent);
}

TEST_F(MemoryFilesTest, ADirectoryKeepsItsFilesWhereverItGoes) {
    EXPECT_EQ(mkdir("/tmp/a"), std::nullopt);
    EXPECT_EQ(mkdir("/tmp/b/"), std::nullopt);
    put("/tmp/a/x", "text");
    EXPECT_EQ(rename("/tmp/a", "/tmp/b/c"), std::nullopt);
    EXPECT_EQ(get("/tmp/b/c/x"), "text");
    EXPECT_EQ(rename("/tmp/b", "/tmp/b/c/d"), Errno::Einval);
    EXPECT_EQ(rename("/tmp/b/c", "/tmp/b"), Errno::Enotempty);
    EXPECT_EQ(unlink("/tmp/b", abi::at_flag::remove_directory), Errno::Enotempty);
    EXPECT_EQ(unlink("/tmp/b"), Errno::Eisdir);
    EXPECT_EQ(stat("/tmp").links, 3u);
}

TEST_F(MemoryFilesTest, ARemovedDirectoryHoldsNothingNew) {
    mkdir("/tmp/a");
    app.must_call(number::chdir, {address_of("/tmp/a")});
    EXPECT_EQ(unlink("/tmp/a", abi::at_flag::remove_directory), std::nullopt);
    EXPECT_EQ(open_error("x", read_write | abi::open_flag::create), Errno::Enoent);
    EXPECT_EQ(open_error("..", 0), Errno::Enoent);
    std::array<char, 100> path{};
    EXPECT_EQ(app.error_of(number::getcwd, {address_of(path.data()), path.size()}), Errno::Enoent);
    app.must_call(number::chdir, {address_of("/")});
}

TEST_F(MemoryFilesTest, SymbolicLinksLeadToWhatIsNotThereYet) {
    app.must_call(number::symlinkat,
                  {address_of("new"), at_working_directory, address_of("/tmp/link")});
    put("/tmp/link", "text");
    EXPECT_EQ(get("/tmp/new"), "text");
    EXPECT_EQ(
        open_error("/tmp/link", read_write | abi::open_flag::create | abi::open_flag::exclusive),
        Errno::Eexist);
    EXPECT_EQ(unlink("/tmp/link"), std::nullopt);
    EXPECT_EQ(get("/tmp/new"), "text");
}

TEST_F(MemoryFilesTest, AListingIsStableWhileNamesComeAndGo) {
    for (char c = 'a'; c <= 'p'; ++c) put((std::string("/tmp/") + c).c_str(), "");
    const Word directory = open("/tmp", abi::open_flag::directory);
    std::multiset<std::string> seen;
    for (bool first = true;; first = false) {
        const auto names = list(directory, 100);
        if (names.empty()) break;
        seen.insert(names.begin(), names.end());
        if (!first) continue;
        for (const char* gone : {"/tmp/a", "/tmp/b", "/tmp/c", "/tmp/d"}) unlink(gone);
        put("/tmp/late", "");
    }
    for (char c = 'e'; c <= 'p'; ++c) EXPECT_EQ(seen.count(std::string(1, c)), 1u) << c;
    EXPECT_EQ(seen.count("late"), 1u);
    EXPECT_EQ(seen.count("."), 1u);
}

TEST_F(MemoryFilesTest, AppendingWritesAtTheEnd) {
    put("/tmp/x", "one");
    const Word file = open("/tmp/x", abi::open_flag::write_only | abi::open_flag::append);
    put("/tmp/x", "1");
    write(file, " two");
    EXPECT_EQ(get("/tmp/x"), "1ne two");
    close(open("/tmp/x", abi::open_flag::write_only | abi::open_flag::truncate));
    EXPECT_EQ(get("/tmp/x"), "");
}

TEST_F(MemoryFilesTest, AMappingIsACopyOrIsRefused) {
    put("/tmp/x", "text");
    const Word file = open("/tmp/x", read_write);
    const auto map = [&](unsigned flags) {
        return app.call(number::mmap, {0, page_size, 3, flags, file, 0});
    };
    const Word address = map(abi::map_flag::private_copy).value();
    EXPECT_EQ(std::memcmp(sel4::vspace_pointer(address), "text", 4), 0);
    EXPECT_EQ(map(abi::map_flag::shared).error(), Errno::Enodev);
}

TEST_F(MemoryFilesTest, TheNumberOfNamesIsLimited) {
    std::uint64_t made = 0;
    for (; made < 1000; ++made) {
        if (mkdir(("/tmp/" + std::to_string(made)).c_str())) break;
    }
    EXPECT_EQ(made, native::memory_files::names_for(pages + 2));
    EXPECT_EQ(mkdir("/tmp/x"), Errno::Enospc);
    EXPECT_EQ(unlink("/tmp/3", abi::at_flag::remove_directory), std::nullopt);
    EXPECT_EQ(mkdir("/tmp/x"), std::nullopt);
    EXPECT_EQ(mkdir(("/tmp/" + std::string(256, 'n')).c_str()), Errno::Enametoolong);
}

TEST_F(MemoryFilesTest, TheMaskHoldsBackBits) {
    app.must_call(number::umask, {077});
    create("/tmp/x", 0666);
    EXPECT_EQ(stat("/tmp/x").mode & 07777, 0600u);
}

class OthersMemoryFilesTest : public MemoryFilesTest {
   public:
    OthersMemoryFilesTest() : MemoryFilesTest({.user = 1000, .group = 1000}) {}
};

TEST_F(OthersMemoryFilesTest, ModesAreHeeded) {
    EXPECT_EQ(open_error("/run/x", read_write | abi::open_flag::create), Errno::Eacces);
    close(create("/tmp/x", 0444));
    EXPECT_EQ(stat("/tmp/x").user, 1000u);
    EXPECT_EQ(open_error("/tmp/x", read_write), Errno::Eacces);
    EXPECT_EQ(app.error_of(number::fchownat, {at_working_directory, address_of("/tmp/x"), 0, 0, 0}),
              Errno::Eperm);
    EXPECT_EQ(app.error_of(number::fchmodat, {at_working_directory, address_of("/tmp"), 0777}),
              Errno::Eperm);
    EXPECT_EQ(unlink("/tmp/x"), std::nullopt);
}

TEST_F(OthersMemoryFilesTest, WhatOthersHaveInAStickyDirectoryStays) {
    // Root's file, as an app that started as root would have left it.
    MemoryFiles& files = app.process().files.memory();
    const NodeId tmp = app.process().files.resolve(Tree::root, "/tmp", LastLink::Follow).value();
    static_cast<void>(files.make(tmp, "roots", {abi::mode::regular | 0666, 0, 0}).value());
    EXPECT_EQ(unlink("/tmp/roots"), Errno::Eperm);
    EXPECT_EQ(rename("/tmp/roots", "/tmp/mine"), Errno::Eperm);
    put("/tmp/mine", "mine");
    EXPECT_EQ(rename("/tmp/mine", "/tmp/roots"), Errno::Eperm);
    put("/tmp/roots", "anyone");
    EXPECT_EQ(get("/tmp/roots"), "anyone");
}

}  // namespace
}  // namespace kos::libos::testing
