// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What is loaded from files is what was compiled from this very profile, by nobody else.
#include "oci-runtime/policy/seccomp_cache.hpp"

#include "lib/linux/file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace kos::oci {
namespace {

Seccomp example() {
    Seccomp profile;
    profile.default_action = SeccompAction::Errno;
    profile.default_errno = 38;
    profile.architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"};
    profile.rules.push_back({{"read", "write"}, SeccompAction::Allow, {}, {}});
    profile.rules.push_back(
        {{"kill"}, SeccompAction::Errno, 5, {{1, 9, 0, SeccompOperator::Equal}}});
    return profile;
}

bool same(const SeccompProgram& left, const SeccompProgram& right) {
    return left.size() == right.size() &&
           std::memcmp(left.data(), right.data(), left.size() * sizeof(sock_filter)) == 0;
}

TEST(SeccompFile, GivesBackWhatWasCompiled) {
    const SeccompKey key = seccomp_key(example(), this_machine);
    const auto program = compile_seccomp(example());
    ASSERT_TRUE(program.ok());
    const auto read = parse_seccomp_file(to_seccomp_file(*program, key), key);
    ASSERT_TRUE(read.has_value());
    EXPECT_TRUE(same(*read, *program));
}

TEST(SeccompFile, EveryFlippedBitAndEveryCutIsNoticed) {
    const SeccompKey key = seccomp_key(example(), this_machine);
    const auto program = compile_seccomp(example());
    ASSERT_TRUE(program.ok());
    const std::string text = to_seccomp_file(*program, key);
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string damaged = text;
            damaged[i] = static_cast<char>(damaged[i] ^ 1 << bit);
            ASSERT_FALSE(parse_seccomp_file(damaged, key).has_value()) << i << " " << bit;
        }
        ASSERT_FALSE(parse_seccomp_file(text.substr(0, i), key).has_value()) << i;
    }
    EXPECT_FALSE(parse_seccomp_file(text + '\0', key).has_value());
}

TEST(SeccompKey, DiffersWhereverTheProgramMay) {
    const std::vector<std::function<void(Seccomp&)>> changes{
        [](Seccomp&) {},
        [](Seccomp& p) { p.default_action = SeccompAction::Allow; },
        [](Seccomp& p) { p.default_errno = 1; },
        [](Seccomp& p) { p.default_errno.reset(); },
        [](Seccomp& p) { p.architectures.pop_back(); },
        [](Seccomp& p) { std::swap(p.architectures[0], p.architectures[1]); },
        [](Seccomp& p) { p.rules.pop_back(); },
        [](Seccomp& p) { p.rules[0].names = {"readwrite"}; },
        [](Seccomp& p) {
            p.rules[0].names = {"rea", "dwrite"};
        },
        [](Seccomp& p) { p.rules[0].action = SeccompAction::Log; },
        [](Seccomp& p) { p.rules[1].errno_value = 6; },
        [](Seccomp& p) { p.rules[1].args[0].index = 2; },
        [](Seccomp& p) { p.rules[1].args[0].value = 10; },
        [](Seccomp& p) { p.rules[1].args[0].value_two = 1; },
        [](Seccomp& p) { p.rules[1].args[0].op = SeccompOperator::Less; },
    };
    std::set<SeccompKey> keys;
    for (const auto& change : changes) {
        Seccomp profile = example();
        change(profile);
        for (const auto& machine : machine_names) keys.insert(seccomp_key(profile, machine.value));
    }
    EXPECT_EQ(keys.size(), changes.size() * machine_names.size());
}

class SeccompCacheTest : public testing::Test {
   protected:
    SeccompCacheTest() {
        std::string name = testing::TempDir() + "seccomp-cache-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << name;
        parent_ = name;
        folder_ = name + "/cache";
        program_ = compile_seccomp(example()).value();
        key_ = seccomp_key(example(), this_machine);
        file_ = folder_ + "/" + to_hex(key_);
    }
    ~SeccompCacheTest() override { std::filesystem::remove_all(parent_); }

    void fill() const { SeccompCache::open(folder_).keep(key_, program_); }
    [[nodiscard]] bool finds() const {
        const auto found = SeccompCache::open(folder_).find(key_);
        return found && same(*found, program_);
    }

    std::string parent_, folder_, file_;
    SeccompProgram program_;
    SeccompKey key_{};
};

TEST_F(SeccompCacheTest, FindsWhatItKept) {
    EXPECT_FALSE(finds());
    fill();
    EXPECT_TRUE(finds());
    EXPECT_FALSE(SeccompCache::open("").find(key_).has_value());
}

TEST_F(SeccompCacheTest, FilesThatOthersCouldHaveWrittenAreNotLoaded) {
    fill();
    for (const mode_t mode : {0620u, 0602u}) {
        ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
        EXPECT_FALSE(finds()) << std::oct << mode;
    }
    ASSERT_EQ(::chmod(file_.c_str(), 0600), 0);
    EXPECT_TRUE(finds());
    std::filesystem::rename(file_, parent_ + "/elsewhere");
    std::filesystem::create_symlink(parent_ + "/elsewhere", file_);
    EXPECT_FALSE(finds());
    std::filesystem::remove(file_);
    ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
    EXPECT_FALSE(finds());
}

TEST_F(SeccompCacheTest, FoldersThatOthersCouldWriteToAreNotUsed) {
    fill();
    for (const mode_t mode : {0770u, 0707u, 01777u}) {
        ASSERT_EQ(::chmod(folder_.c_str(), mode), 0);
        EXPECT_FALSE(finds()) << std::oct << mode;
    }
    ASSERT_EQ(::chmod(folder_.c_str(), 0700), 0);
    EXPECT_TRUE(finds());
    std::filesystem::rename(folder_, parent_ + "/elsewhere");
    std::filesystem::create_directory_symlink(parent_ + "/elsewhere", folder_);
    EXPECT_FALSE(finds());
}

TEST_F(SeccompCacheTest, WhatAnotherUserOwnsIsNotLoaded) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    fill();
    ASSERT_EQ(::chown(file_.c_str(), 1234, 0), 0);
    EXPECT_FALSE(finds());
    ASSERT_EQ(::chown(file_.c_str(), 0, 0), 0);
    EXPECT_TRUE(finds());
    ASSERT_EQ(::chown(folder_.c_str(), 1234, 0), 0);
    EXPECT_FALSE(finds());
}

TEST_F(SeccompCacheTest, DamagedFilesAreIgnoredAndWrittenAgain) {
    fill();
    ASSERT_EQ(::truncate(file_.c_str(), 100), 0);
    EXPECT_FALSE(finds());
    fill();
    EXPECT_TRUE(finds());
}

TEST_F(SeccompCacheTest, DoesNotGrowWithoutEnd) {
    const SeccompCache cache = SeccompCache::open(folder_);
    SeccompKey key{};
    for (std::size_t i = 0; i <= SeccompCache::most_entries; ++i) {
        key[0] = static_cast<std::uint8_t>(i);
        key[1] = static_cast<std::uint8_t>(i >> 8);
        cache.keep(key, program_);
    }
    EXPECT_TRUE(cache.find(key).has_value());
    const std::filesystem::directory_iterator entries{folder_};
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

}  // namespace
}  // namespace kos::oci
