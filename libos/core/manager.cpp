// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "libos/core/manager.hpp"

#include "lib/native/manager.hpp"
#include "lib/sel4/syscall.hpp"
#include "libos/core/platform.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace kos::libos::manager {

using native::Request;

namespace {

sel4::CPtr endpoint() { return native::app_slot::manager(current_block().index); }

constinit Word progress = 0;

/// Four words: they travel in registers, whatever their number.
sel4::Message request(Request request, std::array<Word, native::progress_word> operands = {}) {
    constexpr unsigned length = native::progress_word + 1;
    return sel4::call(endpoint(), {sel4::MessageInfo{static_cast<Word>(request), 0, length},
                                   {operands[0], operands[1], operands[2], progress}});
}

Outcome<Word> answer_of(const sel4::Message& message) {
    if (message.info.label() != 0) return Err{static_cast<Errno>(message.info.label())};
    return message.words[0];
}

Outcome<void> done(const sel4::Message& message) {
    KOS_TRY(answer_of(message));
    return {};
}

/// Sends `head` and the bytes packed behind it, eight a word, as far as one message holds them.
sel4::Message send_bytes(Request request, std::span<const Word> head, Bytes bytes) {
    auto* const words = sel4::ipc_buffer().message;
    std::copy(head.begin(), head.end(), words);
    const std::size_t padded = (bytes.size() + sizeof(Word) - 1) / sizeof(Word);
    if (padded > 0) words[head.size() + padded - 1] = 0;
    std::memcpy(words + head.size(), bytes.data(), bytes.size());
    const auto length = static_cast<unsigned>(head.size() + padded);
    return sel4::call(endpoint(), {sel4::MessageInfo{static_cast<Word>(request), 0, length},
                                   {words[0], words[1], words[2], words[3]}});
}

}  // namespace

void set_progress(std::uint64_t counter) { progress = counter; }

void exit(Word wait_status) {
    for (;;) request(Request::Exit, {wait_status});
}

Outcome<Word> write(Word stream, Bytes bytes) {
    Word written = 0;
    while (written < bytes.size()) {
        const Bytes part =
            bytes.subspan(written, std::min<Word>(native::write_max, bytes.size() - written));
        const Word taken = KOS_TRY(
            answer_of(send_bytes(Request::Write, std::array{stream, Word{part.size()}}, part)));
        if (taken == 0 || taken > part.size()) return Err{Errno::Eio};
        written += taken;
    }
    return written;
}

Outcome<void> map(Range range, Word protection) {
    return done(request(Request::Map, {range.start.value(), range.size, protection}));
}

Outcome<void> unmap(Range range) {
    return done(request(Request::Unmap, {range.start.value(), range.size}));
}

Outcome<void> protect(Range range, Word protection) {
    return done(request(Request::Protect, {range.start.value(), range.size, protection}));
}

Outcome<void> commit(Range range) {
    return done(request(Request::Commit, {range.start.value(), range.size}));
}

Outcome<Word> reserve_thread() { return answer_of(request(Request::ReserveThread)); }

Outcome<void> start_thread(Word number) { return done(request(Request::StartThread, {number})); }

void exit_thread() {
    for (;;) request(Request::ExitThread);
}

void set_timer(std::uint64_t deadline) { request(Request::SetTimer, {deadline}); }

void ignore_signals(std::uint64_t set) { request(Request::IgnoreSignals, {set}); }

void log(std::string_view text) {
    const Bytes bytes =
        as_bytes({text.data(), std::min<std::size_t>(text.size(), native::write_max)});
    send_bytes(Request::Log, std::array{Word{bytes.size()}}, bytes);
}

}  // namespace kos::libos::manager
