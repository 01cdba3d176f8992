// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A process with a small root file system and no program: what tests of system calls start from.
#pragma once

#include "libos/abi/call_numbers.hpp"
#include "libos/abi/file.hpp"
#include "libos/core/process.hpp"
#include "libos/dispatch/table.hpp"
#include "libos/testing/fake_manager.hpp"
#include "loader/cpio/writer.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kos::libos::testing {

/// Builds archives for tests.
class Archive {
   public:
    Archive& directory(std::string_view name, std::uint32_t mode = 0755);
    Archive& file(std::string_view name, std::string_view text, std::uint32_t mode = 0644);
    Archive& link(std::string_view name, std::string_view target);
    /// The place of a file system in memory.
    Archive& memory_files(std::string_view name, std::uint32_t pages, std::uint32_t mode = 01777);
    /// Another name for the file that was added last.
    Archive& same_file(std::string_view name);
    [[nodiscard]] std::vector<std::byte> finish() { return std::move(writer_).finish(); }

   private:
    cpio::Writer writer_;
    std::optional<cpio::Writer::FileId> last_;
};

/// foo.txt, etc/hosts, etc/secret (root only), bin/sh (executable), links between them.
[[nodiscard]] std::vector<std::byte> small_root();

struct Identity {
    std::uint64_t user = 0;
    std::uint64_t group = 0;
};

class App {
   public:
    explicit App(std::vector<std::byte> archive = small_root(), Identity who = {},
                 std::uint64_t message_servers = 0);

    /// A system call by its number in libos/abi/call_numbers.hpp.
    Answer call(Word number, std::initializer_list<Word> operands = {});
    /// The value that a call answers that must not fail.
    Word must_call(Word number, std::initializer_list<Word> operands = {});
    /// The error number of a call that must fail.
    std::optional<Errno> error_of(Word number, std::initializer_list<Word> operands = {});

    FakeManager manager;
    Process& process() { return *process_; }

   private:
    std::vector<std::byte> archive_;
    std::vector<std::byte> tables_;
    native::ProcessInfo info_{};
    std::optional<Process> process_;
};

/// A pointer as a system call takes it.
template <class T>
[[nodiscard]] Word address_of(T* pointer) {
    return reinterpret_cast<Word>(pointer);
}

// Numbers used in tests.
namespace number {
#define KOS_TEST_NUMBER(number, name) inline constexpr Word name = number;
KOS_LINUX_CALLS(KOS_TEST_NUMBER)
#undef KOS_TEST_NUMBER
}  // namespace number

inline constexpr Word at_working_directory = static_cast<Word>(-100);

}  // namespace kos::libos::testing
