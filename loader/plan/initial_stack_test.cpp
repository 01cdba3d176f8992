// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/initial_stack.hpp"

#include "lib/base/little_endian.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>

namespace kos::plan {
namespace {

constexpr VirtualAddress top{0x70'2000'0000};

/// A stack as the program that starts on it reads it.
class StackReader {
   public:
    StackReader(Bytes stack, VirtualAddress at) : stack_(stack), at_(at) {}

    std::uint64_t word() {
        const std::uint64_t value = *read_at<Le64>(stack_, at_ - base());
        at_ = at_ + 8;
        return value;
    }
    [[nodiscard]] std::string text(std::uint64_t address) const {
        const std::string_view rest =
            as_text(stack_).substr(static_cast<std::size_t>(VirtualAddress{address} - base()));
        return std::string{rest.substr(0, rest.find('\0'))};
    }
    std::vector<std::string> list() {
        std::vector<std::string> result;
        while (const std::uint64_t address = word()) result.push_back(text(address));
        return result;
    }
    std::map<std::uint64_t, std::uint64_t> auxiliary_vector() {
        std::map<std::uint64_t, std::uint64_t> result;
        while (const std::uint64_t type = word()) result[type] = word();
        return result;
    }
    [[nodiscard]] Bytes bytes(std::uint64_t address, std::uint64_t size) const {
        return *slice(stack_, VirtualAddress{address} - base(), size);
    }

   private:
    [[nodiscard]] VirtualAddress base() const { return top - stack_.size(); }

    Bytes stack_;
    VirtualAddress at_;
};

InitialStack contents_of(std::span<const std::string_view> arguments,
                         std::span<const std::string_view> environment) {
    InitialStack contents{.arguments = string_source(arguments),
                          .environment = string_source(environment),
                          .executable = "/hello",
                          .entry = VirtualAddress{0x1000'0400},
                          .program_headers = VirtualAddress{0x1000'0040},
                          .program_header_size = 56,
                          .program_header_count = 9,
                          .user = 1000,
                          .group = 100};
    contents.random.fill(std::byte{0xa5});
    return contents;
}

TEST(InitialStackTest, AProgramFindsWhatLinuxGivesIt) {
    const std::array<std::string_view, 2> arguments{"hello_world", "test"};
    const std::array<std::string_view, 1> environment{"HELLO=WORLD"};
    std::vector<std::byte> stack(4096);
    const auto built = build_initial_stack(contents_of(arguments, environment), stack, top);
    ASSERT_TRUE(built.ok());
    EXPECT_TRUE(built->stack_pointer.is_aligned(16));

    StackReader reader{stack, built->stack_pointer};
    EXPECT_EQ(reader.word(), 2u);
    EXPECT_EQ(built->arguments, built->stack_pointer + 8);
    EXPECT_EQ(reader.list(), (std::vector<std::string>{"hello_world", "test"}));
    EXPECT_EQ(reader.list(), (std::vector<std::string>{"HELLO=WORLD"}));
    auto auxiliary = reader.auxiliary_vector();
    EXPECT_EQ(auxiliary[3], 0x1000'0040u);  // AT_PHDR
    EXPECT_EQ(auxiliary[4], 56u);
    EXPECT_EQ(auxiliary[5], 9u);
    EXPECT_EQ(auxiliary[6], 4096u);
    EXPECT_EQ(auxiliary[9], 0x1000'0400u);  // AT_ENTRY
    EXPECT_EQ(auxiliary[11], 1000u);
    EXPECT_EQ(auxiliary[14], 100u);
    EXPECT_EQ(auxiliary[16], 0xfbu);  // AT_HWCAP
    EXPECT_EQ(reader.text(auxiliary[15]), "aarch64");
    EXPECT_EQ(reader.text(auxiliary[31]), "/hello");
    EXPECT_EQ(reader.bytes(auxiliary[25], 16)[15], std::byte{0xa5});
    EXPECT_TRUE(auxiliary.contains(23));   // AT_SECURE
    EXPECT_FALSE(auxiliary.contains(33));  // AT_SYSINFO_EHDR: there is no vDSO
}

TEST(InitialStackTest, AStackThatIsTooSmallIsAnError) {
    const std::string long_text(5000, 'x');
    const std::array<std::string_view, 1> arguments{long_text};
    std::vector<std::byte> stack(4096);
    EXPECT_EQ(build_initial_stack(contents_of(arguments, {}), stack, top).error(),
              StackError::TooSmall);
}

RC_GTEST_PROP(InitialStackTest, AnyListsComeBackAndFillNoMoreThanMeasured, ()) {
    const auto texts = [] {
        return *rc::gen::container<std::vector<std::string>>(
            rc::gen::container<std::string>(rc::gen::inRange('a', 'z')));
    };
    const std::vector<std::string> arguments = texts();
    const std::vector<std::string> environment = texts();
    const std::vector<std::string_view> argument_views{arguments.begin(), arguments.end()};
    const std::vector<std::string_view> environment_views{environment.begin(), environment.end()};
    const InitialStack contents = contents_of(argument_views, environment_views);
    // Exactly as much as measured: a byte more would panic.
    std::vector<std::byte> stack(initial_stack_bytes(contents));
    const auto built = build_initial_stack(contents, stack, top);
    RC_ASSERT(built.ok());
    StackReader reader{stack, built->stack_pointer};
    RC_ASSERT(reader.word() == arguments.size());
    RC_ASSERT(reader.list() == arguments);
    RC_ASSERT(reader.list() == environment);
}

}  // namespace
}  // namespace kos::plan
