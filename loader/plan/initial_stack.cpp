// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/plan/initial_stack.hpp"

#include "lib/base/little_endian.hpp"
#include "lib/base/panic.hpp"

#include <algorithm>
#include <cstring>

namespace kos::plan {

namespace {

constexpr std::uint64_t word = sizeof(Le64);
constexpr std::uint64_t stack_alignment = 16;
constexpr std::string_view platform = "aarch64";
constexpr std::uint64_t clock_ticks = 100;

/// Types of auxiliary vector entries (Linux, include/uapi/linux/auxvec.h).
enum class Aux : std::uint64_t {
    Null = 0,
    ProgramHeaders = 3,
    ProgramHeaderSize = 4,
    ProgramHeaderCount = 5,
    PageSize = 6,
    Base = 7,
    Flags = 8,
    Entry = 9,
    User = 11,
    EffectiveUser = 12,
    Group = 13,
    EffectiveGroup = 14,
    Platform = 15,
    HardwareCapabilities = 16,
    ClockTicks = 17,
    Secure = 23,
    Random = 25,
    HardwareCapabilities2 = 26,
    Executable = 31,
};
constexpr std::uint64_t aux_entries = 19;

std::uint64_t string_bytes(const StringSource& strings) {
    std::uint64_t bytes = 0;
    for (std::size_t index = 0; index < strings.count; ++index) bytes += strings[index].size() + 1;
    return bytes;
}

/// argc, the two lists with their ends, the auxiliary vector.
std::uint64_t vector_bytes(const InitialStack& contents) {
    const std::uint64_t words =
        1 + contents.arguments.count + 1 + contents.environment.count + 1 + 2 * aux_entries;
    return words * word;
}

std::uint64_t data_bytes(const InitialStack& contents) {
    return string_bytes(contents.arguments) + string_bytes(contents.environment) +
           contents.executable.size() + 1 + platform.size() + 1 + contents.random.size();
}

/// Writes upwards from an address that is known to leave room.
class Cursor {
   public:
    Cursor(MutableBytes stack, VirtualAddress top, VirtualAddress at)
        : stack_(stack), base_(top - stack.size()), at_(at) {}

    [[nodiscard]] VirtualAddress address() const { return at_; }

    VirtualAddress put(Bytes bytes) {
        const VirtualAddress start = at_;
        const std::uint64_t offset = at_ - base_;
        if (!range_within(offset, bytes.size(), stack_.size())) {
            panic("build_initial_stack: more was written than was measured");
        }
        std::copy(bytes.begin(), bytes.end(), stack_.begin() + static_cast<std::ptrdiff_t>(offset));
        at_ = at_ + bytes.size();
        return start;
    }
    VirtualAddress put(std::string_view text) {
        const VirtualAddress start = put(as_bytes(text));
        put(as_bytes(std::string_view{"", 1}));
        return start;
    }
    void put(std::uint64_t value) { put(bytes_of(Le64{value})); }
    void put(Aux type, std::uint64_t value) {
        put(static_cast<std::uint64_t>(type));
        put(value);
    }

   private:
    MutableBytes stack_;
    VirtualAddress base_;
    VirtualAddress at_;
};

/// Strings to `data`, their addresses and a 0 to `vector`.
void put_list(Cursor& vector, Cursor& data, const StringSource& strings) {
    for (std::size_t index = 0; index < strings.count; ++index) {
        vector.put(data.put(strings[index]).value());
    }
    vector.put(std::uint64_t{0});
}

void put_auxiliary_vector(Cursor& vector, Cursor& data, const InitialStack& contents) {
    const VirtualAddress executable = data.put(contents.executable);
    const VirtualAddress platform_name = data.put(platform);
    const VirtualAddress random = data.put(Bytes{contents.random});

    vector.put(Aux::ProgramHeaders, contents.program_headers.value());
    vector.put(Aux::ProgramHeaderSize, contents.program_header_size);
    vector.put(Aux::ProgramHeaderCount, contents.program_header_count);
    vector.put(Aux::PageSize, page_size);
    vector.put(Aux::Base, 0);
    vector.put(Aux::Flags, 0);
    vector.put(Aux::Entry, contents.entry.value());
    vector.put(Aux::User, contents.user);
    vector.put(Aux::EffectiveUser, contents.user);
    vector.put(Aux::Group, contents.group);
    vector.put(Aux::EffectiveGroup, contents.group);
    vector.put(Aux::Platform, platform_name.value());
    vector.put(Aux::HardwareCapabilities, hardware_capabilities);
    vector.put(Aux::HardwareCapabilities2, 0);
    vector.put(Aux::ClockTicks, clock_ticks);
    vector.put(Aux::Secure, 0);
    vector.put(Aux::Random, random.value());
    vector.put(Aux::Executable, executable.value());
    vector.put(Aux::Null, 0);
}

}  // namespace

std::uint64_t initial_stack_bytes(const InitialStack& contents) {
    return vector_bytes(contents) + data_bytes(contents) + stack_alignment;
}

Result<StackPointers, StackError> build_initial_stack(const InitialStack& contents,
                                                      MutableBytes stack, VirtualAddress top) {
    if (initial_stack_bytes(contents) > stack.size()) return Err{StackError::TooSmall};

    const VirtualAddress strings = top - data_bytes(contents);
    const VirtualAddress stack_pointer =
        (strings - vector_bytes(contents)).aligned_down(stack_alignment);
    Cursor vector{stack, top, stack_pointer};
    Cursor data{stack, top, strings};
    vector.put(std::uint64_t{contents.arguments.count});
    const VirtualAddress arguments = vector.address();
    put_list(vector, data, contents.arguments);
    put_list(vector, data, contents.environment);
    put_auxiliary_vector(vector, data, contents);
    return StackPointers{stack_pointer, arguments};
}

}  // namespace kos::plan
