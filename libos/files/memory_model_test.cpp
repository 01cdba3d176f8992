// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Files in memory, held to the host's own file system: the same calls in the same order must answer
// the same, and what is there in the end must be the same.
#include "libos/testing/app.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace kos::libos::testing {
namespace {

/// Both sides of the comparison, each with the files of one run.
class Sides {
   public:
    Sides()
        : app_(Archive{}.directory(".").memory_files("t", 4096).finish(),
               {.user = ::geteuid(), .group = ::getegid()}) {
        std::string folder =
            (std::filesystem::exists("/dev/shm") ? std::filesystem::path{"/dev/shm"}
                                                 : std::filesystem::temp_directory_path()) /
            "kos-model-XXXXXX";
        RC_ASSERT(::mkdtemp(folder.data()) != nullptr);
        host_ = folder;
        ::chmod(folder.c_str(), 01777);
        mask_ = ::umask(022);
    }
    ~Sides() {
        std::filesystem::remove_all(host_);
        ::umask(mask_);
    }
    Sides(const Sides&) = delete;
    Sides& operator=(const Sides&) = delete;

    [[nodiscard]] std::string host(const std::string& path) const { return host_ + "/" + path; }
    [[nodiscard]] static std::string own(const std::string& path) { return "/t/" + path; }

    /// The call's error, 0 for none, must be the host's.
    void same(long host_result, Word call, std::initializer_list<Word> operands) {
        const int host_error = host_result < 0 ? errno : 0;
        const auto error = app_.error_of(call, operands);
        RC_ASSERT((error ? static_cast<int>(*error) : 0) == host_error);
    }

    void write_file(const std::string& path, bool exclusive, bool truncates, std::uint64_t offset,
                    const std::string& text) {
        const int host_file =
            ::open(host(path).c_str(),
                   O_RDWR | O_CREAT | (exclusive ? O_EXCL : 0) | (truncates ? O_TRUNC : 0), 0640);
        const int host_error = host_file < 0 ? errno : 0;
        const std::string name = own(path);
        const auto file =
            app_.call(number::openat, {at_working_directory, address_of(name.c_str()),
                                       abi::open_flag::read_write | abi::open_flag::create |
                                           (exclusive ? abi::open_flag::exclusive : 0) |
                                           (truncates ? abi::open_flag::truncate : 0),
                                       0640});
        RC_ASSERT((file ? 0 : static_cast<int>(file.error())) == host_error);
        if (!file) return;
        const auto written =
            ::pwrite(host_file, text.data(), text.size(), static_cast<off_t>(offset));
        RC_ASSERT(app_.must_call(number::pwrite64, {*file, address_of(text.data()), text.size(),
                                                    offset}) == static_cast<Word>(written));
        ::close(host_file);
        app_.must_call(number::close, {*file});
    }

    /// The whole tree below a directory: names, and what they are.
    void compare(const std::string& folder) {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(host(folder))) {
            names.insert(entry.path().filename());
        }
        RC_ASSERT(listed(folder) == names);
        for (const std::string& name : names) compare_file(folder + "/" + name);
    }

   private:
    std::set<std::string> listed(const std::string& folder) {
        const std::string path = own(folder);
        const Word directory = app_.must_call(
            number::openat,
            {at_working_directory, address_of(path.c_str()), abi::open_flag::directory, 0});
        std::set<std::string> names;
        std::array<std::byte, 200> buffer{};
        while (const Word used = app_.must_call(
                   number::getdents64, {directory, address_of(buffer.data()), buffer.size()})) {
            for (Word at = 0; at < used;) {
                abi::DirectoryEntry entry{};
                std::memcpy(&entry, buffer.data() + at, abi::DirectoryEntry::name_offset);
                const char* const name = reinterpret_cast<const char*>(
                    buffer.data() + at + abi::DirectoryEntry::name_offset);
                names.emplace(name);
                at += entry.length;
            }
        }
        app_.must_call(number::close, {directory});
        names.erase(".");
        names.erase("..");
        return names;
    }

    void compare_file(const std::string& path) {
        struct ::stat expected {};
        RC_ASSERT(::lstat(host(path).c_str(), &expected) == 0);
        abi::Stat found{};
        const std::string name = own(path);
        app_.must_call(number::newfstatat, {at_working_directory, address_of(name.c_str()),
                                            address_of(&found), abi::at_flag::no_follow});
        RC_ASSERT(found.mode == expected.st_mode);
        if (S_ISDIR(expected.st_mode)) return compare(path);
        RC_ASSERT(found.links == expected.st_nlink);
        RC_ASSERT(found.size == expected.st_size);
        if (S_ISREG(expected.st_mode)) compare_contents(path);
    }

    void compare_contents(const std::string& path) {
        std::string expected(20'000, '?');
        const int host_file = ::open(host(path).c_str(), O_RDONLY);
        expected.resize(static_cast<std::size_t>(::read(host_file, expected.data(), 20'000)));
        const std::string name = own(path);
        const Word file =
            app_.must_call(number::openat, {at_working_directory, address_of(name.c_str()), 0, 0});
        std::string found(20'000, '?');
        found.resize(app_.must_call(number::read, {file, address_of(found.data()), 20'000}));
        RC_ASSERT(found == expected);
        ::close(host_file);
        app_.must_call(number::close, {file});
    }

    App app_;
    std::string host_;
    mode_t mask_ = 0;
};

std::string any_path() {
    return *rc::gen::element<std::string>("a", "b", "d", "d/a", "d/e", "d/e/f", "d/..", "d/.", "a/",
                                          "d/", "e", "e/a", "d/e/../b", "missing/x");
}

void one_call(Sides& sides) {
    const std::string path = any_path(), other = any_path();
    const std::string host = sides.host(path), host_other = sides.host(other);
    const std::string own = Sides::own(path), own_other = Sides::own(other);
    const Word at = at_working_directory;
    const Word first = address_of(own.c_str()), second = address_of(own_other.c_str());
    switch (*rc::gen::inRange(0, 11)) {
        case 0:
        case 1:
            return sides.write_file(path, *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>(),
                                    *rc::gen::inRange<std::uint64_t>(0, 12'000),
                                    std::string(*rc::gen::inRange<std::size_t>(1, 6'000), 'x'));
        case 2:
            return sides.same(::mkdir(host.c_str(), 0755), number::mkdirat, {at, first, 0755});
        case 3:
            return sides.same(::rmdir(host.c_str()), number::unlinkat,
                              {at, first, abi::at_flag::remove_directory});
        case 4:
            return sides.same(::unlink(host.c_str()), number::unlinkat, {at, first, 0});
        case 5:
        case 6:
            return sides.same(::rename(host.c_str(), host_other.c_str()), number::renameat2,
                              {at, first, at, second, 0});
        case 7:
            return sides.same(
                ::renameat2(AT_FDCWD, host.c_str(), AT_FDCWD, host_other.c_str(), RENAME_NOREPLACE),
                number::renameat2, {at, first, at, second, abi::rename_flag::no_replace});
        case 8:
            return sides.same(::link(host.c_str(), host_other.c_str()), number::linkat,
                              {at, first, at, second, 0});
        case 9: {
            const std::string target = *rc::gen::element<std::string>("a", "e", "d/a", "d", "new");
            return sides.same(::symlink(target.c_str(), host.c_str()), number::symlinkat,
                              {address_of(target.c_str()), at, first});
        }
        default: {
            const auto size = *rc::gen::inRange<std::uint64_t>(0, 12'000);
            return sides.same(::truncate(host.c_str(), static_cast<off_t>(size)), number::truncate,
                              {first, size});
        }
    }
}

RC_GTEST_PROP(MemoryModelTest, CallsAnswerAsTheHostsDo, ()) {
    Sides sides;
    const auto calls = *rc::gen::inRange(1, 60);
    for (int i = 0; i < calls; ++i) one_call(sides);
    sides.compare(".");
}

}  // namespace
}  // namespace kos::libos::testing
