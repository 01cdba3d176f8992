// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a traced root server says of its kernel invocations, in the payloads of Trace frames. A
// record lies within one frame; numbers are LEB128 (seven bits a byte, the lowest first).
//
//   0 … 63      an invocation (place in the kernel ABI record)
//               u8 error, u8 words, u8 capabilities, then target, words, capabilities as numbers
//   0x80 + n    a thread of an app faulted: FaultKind n; its badge
//   0xfe        the kernel ABI record in force: 184 bytes. The first of a trace
//   0xff        so many invocations are missing here: there was no room for them
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/sel4/fault.hpp"
#include "lib/sel4/observe.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

namespace kos::msg {

/// Most bytes that the record takes.
[[nodiscard]] std::size_t trace_bytes(const sel4::InvocationRecord& record);
inline constexpr std::size_t trace_fault_bytes = 11, trace_missing_bytes = 11,
                             trace_abi_bytes = 1 + sizeof(sel4::KernelAbi);

// Each writes a record to the start of \p out, which has room for it, and gives the bytes used.
std::size_t write_trace(MutableBytes out, const sel4::InvocationRecord& record);
std::size_t write_trace_fault(MutableBytes out, sel4::FaultKind kind, sel4::Word badge);
std::size_t write_trace_missing(MutableBytes out, std::uint64_t count);
std::size_t write_trace_abi(MutableBytes out, const sel4::KernelAbi& abi);

struct TracedFault {
    sel4::FaultKind kind;
    sel4::Word badge;
};
struct TraceGap {
    std::uint64_t missing;
};
/// The spans of an InvocationRecord are the reader's, valid until its next record.
using TraceEvent = std::variant<sel4::InvocationRecord, TracedFault, TraceGap, sel4::KernelAbi>;

/// Takes the records of one payload apart. Bounds-checked: the payload is the target's.
class TraceReader {
   public:
    explicit TraceReader(Bytes payload) : rest_(payload) {}

    /// The next record; nothing at the end, and where what follows is no record.
    std::optional<TraceEvent> next();
    /// Whether everything was a record: false where next() stopped before the end.
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

   private:
    std::optional<std::uint8_t> byte();
    std::optional<sel4::Word> number();
    std::optional<TraceEvent> invocation(std::uint8_t place);

    Bytes rest_;
    std::array<sel4::Word, sel4::message_max_words> words_{};
    std::array<sel4::CPtr, sel4::message_max_caps> caps_{};
};

}  // namespace kos::msg
