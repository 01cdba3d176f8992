// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/base/byte_loops.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace kos::byte_loops {
namespace {

using Memory = std::vector<Byte>;

Memory some_memory() { return *rc::gen::container<Memory>(300, rc::gen::arbitrary<Byte>()); }
std::size_t up_to(std::size_t limit) { return *rc::gen::inRange<std::size_t>(0, limit + 1); }

RC_GTEST_PROP(ByteLoopsTest, CopiesAreWhatMemmoveMakes, ()) {
    Memory memory = some_memory();
    Memory expected = memory;
    const std::size_t size = up_to(200), to = up_to(100), from = up_to(100);
    std::memmove(&expected[to], &expected[from], size);
    if (to < from) {
        copy_forward(&memory[to], &memory[from], size);
    } else {
        copy_backward(&memory[to], &memory[from], size);
    }
    RC_ASSERT(memory == expected);
}

RC_GTEST_PROP(ByteLoopsTest, FillsExactlyWhatItIsTold, ()) {
    Memory memory = some_memory();
    Memory expected = memory;
    const std::size_t size = up_to(200), to = up_to(100);
    const auto value = *rc::gen::arbitrary<Byte>();
    std::memset(&expected[to], value, size);
    fill(&memory[to], value, size);
    RC_ASSERT(memory == expected);
}

RC_GTEST_PROP(ByteLoopsTest, ComparesAsMemcmpDoes, ()) {
    const Memory a = some_memory();
    Memory b = a;
    if (*rc::gen::arbitrary<bool>()) b[up_to(b.size() - 1)] ^= *rc::gen::arbitrary<Byte>();
    const std::size_t size = up_to(b.size());
    const auto sign = [](int value) { return (value > 0) - (value < 0); };
    RC_ASSERT(sign(compare(a.data(), b.data(), size)) ==
              sign(std::memcmp(a.data(), b.data(), size)));
}

}  // namespace
}  // namespace kos::byte_loops
