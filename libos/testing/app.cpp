// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/testing/app.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace kos::libos::testing {

namespace {

constexpr std::uint32_t modified = 1'600'000'000;

cpio::Metadata metadata(std::uint32_t mode) { return {.mode = mode, .modified = modified}; }

}  // namespace

Archive& Archive::directory(std::string_view name, std::uint32_t mode) {
    last_ = writer_.add(name, metadata(cpio::type_directory | mode), {}).value();
    return *this;
}
Archive& Archive::file(std::string_view name, std::string_view text, std::uint32_t mode) {
    last_ = writer_.add(name, metadata(cpio::type_regular | mode), as_bytes(text)).value();
    return *this;
}
Archive& Archive::link(std::string_view name, std::string_view target) {
    last_ = writer_.add(name, metadata(cpio::type_symlink | 0777), as_bytes(target)).value();
    return *this;
}
Archive& Archive::memory_files(std::string_view name, std::uint32_t pages, std::uint32_t mode) {
    cpio::Metadata place = metadata(cpio::type_directory | mode);
    place.special_major = native::memory_files::mark;
    place.special_minor = pages;
    last_ = writer_.add(name, place, {}).value();
    return *this;
}
Archive& Archive::same_file(std::string_view name) {
    writer_.add_link(name, last_.value()).value();
    return *this;
}

std::vector<std::byte> small_root() {
    return Archive{}
        .directory(".")
        .file("foo.txt", "foo\n")
        .same_file("same.txt")
        .directory("etc")
        .file("etc/hosts", "127.0.0.1 localhost\n")
        .file("etc/secret", "s", 0600)
        .directory("etc/private", 0700)
        .file("etc/private/file", "p")
        .directory("bin")
        .file("bin/sh",
              "\x7f"
              "ELF",
              0755)
        .link("link", "etc/hosts")
        .link("etc/up", "../foo.txt")
        .link("absolute", "/etc")
        .link("loop", "loop")
        .link("dangling", "nowhere")
        .finish();
}

App::App(std::vector<std::byte> archive, Identity who, std::uint64_t message_servers)
    : archive_(std::move(archive)), tables_(private_range.size) {
    info_.magic = native::ProcessInfo::expected_magic;
    info_.brk_base = FakeManager::brk_area.start.value();
    info_.brk_limit = FakeManager::brk_area.end().value();
    info_.heap_pages = 1024;
    info_.threads = 8;
    info_.message_servers = message_servers;
    info_.user = who.user;
    info_.group = who.group;
    info_.counter_hz = 1'000'000'000;
    constexpr std::string_view executable = "/bin/sh";
    std::memcpy(info_.text, executable.data(), executable.size());
    info_.executable = {offsetof(native::ProcessInfo, text), executable.size()};
    PrivateMemory memory{tables_};
    auto tree = Tree::create(archive_, memory, FileSystem::additions);
    if (!tree) throw std::runtime_error("the test's archive is damaged");
    process_.emplace(info_, *tree, memory);
    set_process(*process_);
    process_->set_up().value();
}

Answer App::call(Word number, std::initializer_list<Word> operands) {
    Arguments arguments{};
    std::copy(operands.begin(), operands.end(), arguments.begin());
    return serve(number, arguments);
}

Word App::must_call(Word number, std::initializer_list<Word> operands) {
    return call(number, operands).value();
}

std::optional<Errno> App::error_of(Word number, std::initializer_list<Word> operands) {
    const Answer answer = call(number, operands);
    if (answer) return std::nullopt;
    return answer.error();
}

}  // namespace kos::libos::testing
