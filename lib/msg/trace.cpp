// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/msg/trace.hpp"

#include <cstring>

namespace kos::msg {

namespace {

constexpr std::uint8_t fault_mark = 0x80, abi_mark = 0xfe, missing_mark = 0xff;
constexpr std::size_t number_max_bytes = 10;
constexpr std::size_t head_bytes = 4;

/// Appends to bytes that are large enough.
class Writer {
   public:
    explicit Writer(MutableBytes out) : out_(out) {}

    void byte(std::uint64_t value) { out_[used_++] = static_cast<std::byte>(value); }
    void number(sel4::Word value) {
        for (; value >= 0x80; value >>= 7) byte(0x80 | (value & 0x7f));
        byte(value);
    }
    [[nodiscard]] std::size_t used() const { return used_; }

   private:
    MutableBytes out_;
    std::size_t used_ = 0;
};

}  // namespace

std::size_t trace_bytes(const sel4::InvocationRecord& record) {
    return head_bytes + number_max_bytes * (1 + record.words.size() + record.caps.size());
}

std::size_t write_trace(MutableBytes out, const sel4::InvocationRecord& record) {
    Writer writer{out};
    writer.byte(static_cast<std::uint8_t>(record.invocation));
    writer.byte(static_cast<std::uint8_t>(record.error));
    writer.byte(record.words.size());
    writer.byte(record.caps.size());
    writer.number(record.target.value);
    for (const sel4::Word word : record.words) writer.number(word);
    for (const sel4::CPtr cap : record.caps) writer.number(cap.value);
    return writer.used();
}

std::size_t write_trace_fault(MutableBytes out, sel4::FaultKind kind, sel4::Word badge) {
    Writer writer{out};
    writer.byte(fault_mark | static_cast<std::uint64_t>(kind));
    writer.number(badge);
    return writer.used();
}

std::size_t write_trace_missing(MutableBytes out, std::uint64_t count) {
    Writer writer{out};
    writer.byte(missing_mark);
    writer.number(count);
    return writer.used();
}

std::size_t write_trace_abi(MutableBytes out, const sel4::KernelAbi& abi) {
    out[0] = std::byte{abi_mark};
    std::memcpy(out.data() + 1, &abi, sizeof(abi));
    return trace_abi_bytes;
}

std::optional<TraceEvent> TraceReader::next() {
    const auto mark = byte();
    if (!mark) return std::nullopt;
    if (*mark < sel4::invocation_count) return invocation(*mark);
    if (*mark == abi_mark) {
        const auto abi = sel4::parse_abi(rest_);
        if (!abi) return std::nullopt;
        rest_ = rest_.subspan(sizeof(sel4::KernelAbi));
        return TraceEvent{*abi};
    }
    const auto value = number();
    if (!value) return std::nullopt;
    if (*mark == missing_mark) return TraceEvent{TraceGap{*value}};
    const auto kind = static_cast<sel4::FaultKind>(*mark & ~fault_mark);
    if (*mark < fault_mark || kind > sel4::FaultKind::VppiEvent) return std::nullopt;
    return TraceEvent{TracedFault{kind, *value}};
}

std::optional<TraceEvent> TraceReader::invocation(std::uint8_t place) {
    const auto error = byte();
    const auto words = byte();
    const auto caps = byte();
    const auto target = number();
    if (!target || *error >= sel4::error_count || *words > words_.size() || *caps > caps_.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < std::size_t{*words} + *caps; ++i) {
        const auto value = number();
        if (!value) return std::nullopt;
        if (i < *words) {
            words_[i] = *value;
        } else {
            caps_[i - *words] = sel4::CPtr{*value};
        }
    }
    return TraceEvent{sel4::InvocationRecord{
        static_cast<sel4::Invocation>(place), static_cast<sel4::Error>(*error), sel4::CPtr{*target},
        std::span{words_}.first(*words), std::span{caps_}.first(*caps)}};
}

std::optional<std::uint8_t> TraceReader::byte() {
    if (rest_.empty()) return std::nullopt;
    const auto value = static_cast<std::uint8_t>(rest_[0]);
    rest_ = rest_.subspan(1);
    return value;
}

std::optional<sel4::Word> TraceReader::number() {
    sel4::Word value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const auto next = byte();
        if (!next) return std::nullopt;
        value |= sel4::Word{*next & 0x7fu} << shift;
        if (*next < 0x80) return value;
    }
    return std::nullopt;
}

}  // namespace kos::msg
