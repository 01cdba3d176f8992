// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Reader and writer, against each other and against GNU cpio where it is installed.
#include "loader/cpio/reader.hpp"
#include "loader/cpio/writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace kos::cpio {
namespace {

constexpr Metadata regular{.mode = type_regular | 0644};
constexpr Metadata directory{.mode = type_directory | 0755};

std::vector<std::byte> small_archive() {
    Writer writer;
    EXPECT_TRUE(writer.add("etc", directory, {}).ok());
    const auto file = writer.add("etc/motd", regular, as_bytes("welcome"));
    EXPECT_TRUE(file.ok());
    EXPECT_TRUE(writer.add_link("etc/issue", *file).ok());
    EXPECT_TRUE(writer.add("link", {.mode = type_symlink | 0777}, as_bytes("etc/motd")).ok());
    return std::move(writer).finish();
}

std::vector<Entry> entries_of(Bytes archive) {
    std::vector<Entry> entries;
    Reader reader{archive};
    for (;;) {
        const auto entry = reader.next();
        EXPECT_TRUE(entry.ok()) << describe(entry.error());
        if (!entry || !*entry) return entries;
        entries.push_back(**entry);
    }
}

/// The first error in an archive, or nothing where there is none.
std::optional<Error> error_of(Bytes archive) {
    Reader reader{archive};
    for (;;) {
        const auto entry = reader.next();
        if (!entry) return entry.error();
        if (!*entry) return std::nullopt;
    }
}

TEST(CpioTest, WhatIsWrittenIsReadBack) {
    const std::vector<std::byte> archive = small_archive();
    const std::vector<Entry> entries = entries_of(archive);
    ASSERT_EQ(entries.size(), 4u);
    EXPECT_EQ(entries[0].metadata.type(), type_directory);
    EXPECT_EQ(entries[1].name, "etc/motd");
    EXPECT_EQ(as_text(entries[1].data), "welcome");
    EXPECT_EQ(entries[3].metadata.type(), type_symlink);
    EXPECT_EQ(as_text(entries[3].data), "etc/motd");
}

TEST(CpioTest, HardLinksShareAnInodeAndCountTheirNames) {
    const std::vector<std::byte> archive = small_archive();
    const std::vector<Entry> entries = entries_of(archive);
    EXPECT_EQ(entries[1].metadata.inode, entries[2].metadata.inode);
    EXPECT_EQ(entries[1].metadata.link_count, 2u);
    EXPECT_EQ(entries[2].metadata.link_count, 2u);
    EXPECT_TRUE(entries[2].data.empty());
    EXPECT_EQ(entries[3].metadata.link_count, 1u);
}

TEST(CpioTest, TheSameCallsGiveTheSameBytes) { EXPECT_EQ(small_archive(), small_archive()); }

TEST(CpioTest, AnArchiveThatEndsEarlyIsTruncatedWhereverItIsCut) {
    const std::vector<std::byte> archive = small_archive();
    // The last three bytes are padding behind the trailer's name, which may be missing.
    for (std::size_t size = 0; size + 3 < archive.size(); ++size) {
        const std::vector<std::byte> part{archive.begin(),
                                          archive.begin() + static_cast<std::ptrdiff_t>(size)};
        EXPECT_EQ(error_of(part), Error::Truncated) << size;
    }
}

TEST(CpioTest, AMalformedHeaderIsRefused) {
    std::vector<std::byte> archive = small_archive();
    archive[5] = std::byte{'2'};
    EXPECT_EQ(error_of(archive), Error::Magic);
    archive = small_archive();
    archive[20] = std::byte{'g'};
    EXPECT_EQ(error_of(archive), Error::Number);
    archive = small_archive();
    archive[110] = std::byte{0};
    EXPECT_EQ(error_of(archive), Error::Name);
}

TEST(CpioTest, ASizeBeyondTheArchiveIsTruncated) {
    std::vector<std::byte> archive = small_archive();
    for (std::size_t i = 54; i < 62; ++i) archive[i] = std::byte{'f'};
    EXPECT_EQ(error_of(archive), Error::Truncated);
}

TEST(CpioTest, NamesThatAnArchiveCannotHoldAreNotWritten) {
    Writer writer;
    EXPECT_EQ(writer.add("", regular, {}).error(), WriteError::Name);
    EXPECT_EQ(writer.add("TRAILER!!!", regular, {}).error(), WriteError::Name);
    EXPECT_EQ(writer.add({"a\0b", 3}, regular, {}).error(), WriteError::Name);
}

struct File {
    std::string name, data;
    Metadata metadata;
};

File any_file() {
    const auto number = rc::gen::arbitrary<std::uint32_t>();
    const std::string name =
        *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('!', '~')));
    return {name,
            *rc::gen::arbitrary<std::string>(),
            {.mode = *number,
             .user = *number,
             .group = *number,
             .modified = *number,
             .special_major = *number,
             .special_minor = *number}};
}

RC_GTEST_PROP(CpioTest, AnyListOfFilesComesBackAsItWas, ()) {
    std::vector<File> files;
    Writer writer;
    for (int count = *rc::gen::inRange(0, 8); count > 0; --count) {
        files.push_back(any_file());
        RC_ASSERT(
            writer.add(files.back().name, files.back().metadata, as_bytes(files.back().data)).ok());
    }
    const std::vector<std::byte> archive = std::move(writer).finish();
    RC_ASSERT(archive.size() % 4 == 0);
    const std::vector<Entry> entries = entries_of(archive);
    RC_ASSERT(entries.size() == files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        RC_ASSERT(entries[i].name == files[i].name);
        RC_ASSERT(as_text(entries[i].data) == files[i].data);
        RC_ASSERT(entries[i].metadata.mode == files[i].metadata.mode);
        RC_ASSERT(entries[i].metadata.user == files[i].metadata.user);
        RC_ASSERT(entries[i].metadata.group == files[i].metadata.group);
        RC_ASSERT(entries[i].metadata.modified == files[i].metadata.modified);
        RC_ASSERT(entries[i].metadata.special_minor == files[i].metadata.special_minor);
        RC_ASSERT(entries[i].metadata.inode == i + 1);
    }
}

/// A folder that goes away with it.
struct TemporaryFolder {
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "kos-cpio-XXXXXX").string();
        path = mkdtemp(pattern.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

bool has_gnu_cpio() { return std::system("cpio --version >/dev/null 2>&1") == 0; }

int run_in(const std::filesystem::path& folder, const std::string& command) {
    return std::system(("cd '" + folder.string() + "' && " + command).c_str());
}

TEST(CpioTest, GnuCpioUnpacksWhatIsWritten) {
    if (!has_gnu_cpio()) GTEST_SKIP() << "cpio is not installed";
    const TemporaryFolder folder;
    const std::vector<std::byte> archive = small_archive();
    std::ofstream{folder.path / "archive", std::ios::binary} << as_text(archive);
    ASSERT_EQ(run_in(folder.path, "cpio -i --quiet <archive"), 0);
    EXPECT_EQ(std::filesystem::file_size(folder.path / "etc/issue"), 7u);
    EXPECT_EQ(std::filesystem::hard_link_count(folder.path / "etc/motd"), 2u);
    EXPECT_EQ(std::filesystem::read_symlink(folder.path / "link"), "etc/motd");
}

TEST(CpioTest, WhatGnuCpioPacksIsRead) {
    if (!has_gnu_cpio()) GTEST_SKIP() << "cpio is not installed";
    const TemporaryFolder folder;
    std::ofstream{folder.path / "one"} << "first";
    ASSERT_EQ(run_in(folder.path, "echo one | cpio -o --quiet -H newc >archive"), 0);
    std::ifstream stream{folder.path / "archive", std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{stream}, {}};
    const std::vector<Entry> entries = entries_of(as_bytes(text));
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(as_text(entries[0].data), "first");
}

}  // namespace
}  // namespace kos::cpio
