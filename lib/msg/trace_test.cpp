// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/msg/trace.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kos::msg {
namespace {

std::vector<sel4::Word> values(std::span<const sel4::CPtr> caps) {
    std::vector<sel4::Word> result;
    for (const sel4::CPtr cap : caps) result.push_back(cap.value);
    return result;
}

class TraceTest : public testing::Test {
   protected:
    Bytes written(std::size_t used) { return Bytes{buffer_}.first(used); }
    std::array<std::byte, 4096> buffer_{};
};

TEST_F(TraceTest, AnInvocationComesBackAsItWas) {
    const std::vector<sel4::Word> words{0, 0x7f, 0x80, ~sel4::Word{0}};
    const std::vector<sel4::CPtr> caps{{1ull << 39}, {2}};
    const sel4::InvocationRecord record{
        sel4::Invocation::PageMap, sel4::Error::DeleteFirst, {77}, words, caps};
    const std::size_t used = write_trace(buffer_, record);
    EXPECT_LE(used, trace_bytes(record));

    TraceReader reader{written(used)};
    const auto event = reader.next();
    ASSERT_TRUE(event && std::holds_alternative<sel4::InvocationRecord>(*event));
    const auto& read = std::get<sel4::InvocationRecord>(*event);
    EXPECT_EQ(read.invocation, record.invocation);
    EXPECT_EQ(read.error, record.error);
    EXPECT_EQ(read.target, record.target);
    EXPECT_EQ(std::vector<sel4::Word>(read.words.begin(), read.words.end()), words);
    EXPECT_EQ(values(read.caps), values(caps));
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.at_end());
}

TEST_F(TraceTest, OtherRecordsComeBackInTheirOrder) {
    std::size_t used = write_trace_abi(buffer_, sel4::default_abi());
    EXPECT_EQ(used, trace_abi_bytes);
    const auto rest = [&] { return MutableBytes{buffer_}.subspan(used); };
    used += write_trace_fault(rest(), sel4::FaultKind::VmFault, 0x1'0001);
    used += write_trace_missing(rest(), 300);

    TraceReader reader{written(used)};
    const auto abi = reader.next();
    ASSERT_TRUE(abi && std::holds_alternative<sel4::KernelAbi>(*abi));
    EXPECT_EQ(as_text(bytes_of(std::get<sel4::KernelAbi>(*abi))),
              as_text(bytes_of(sel4::default_abi())));
    const auto fault = reader.next();
    ASSERT_TRUE(fault && std::holds_alternative<TracedFault>(*fault));
    EXPECT_EQ(std::get<TracedFault>(*fault).kind, sel4::FaultKind::VmFault);
    EXPECT_EQ(std::get<TracedFault>(*fault).badge, 0x1'0001u);
    const auto gap = reader.next();
    ASSERT_TRUE(gap && std::holds_alternative<TraceGap>(*gap));
    EXPECT_EQ(std::get<TraceGap>(*gap).missing, 300u);
    EXPECT_TRUE(reader.at_end());
}

TEST_F(TraceTest, APayloadThatEndsTooEarlyIsNoRecord) {
    const sel4::Word word = 0x1234'5678;
    const std::size_t used =
        write_trace(buffer_, {sel4::Invocation::TcbResume, sel4::Error::None, {9}, {&word, 1}, {}});
    for (std::size_t size = 1; size < used; ++size) {
        TraceReader reader{written(size)};
        EXPECT_FALSE(reader.next()) << size;
    }
}

}  // namespace
}  // namespace kos::msg
