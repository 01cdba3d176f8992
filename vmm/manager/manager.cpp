// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/manager/manager.hpp"

#include "lib/native/manager.hpp"
#include "lib/sel4/syscall.hpp"

#include <algorithm>
#include <cstring>

namespace kos::vmm {

namespace {

using native::Request;
using sel4::Word;

/// A request of \p head words and then \p bytes, eight a word: the first words travel in registers.
sel4::Message request(sel4::CPtr endpoint, Request request, std::initializer_list<Word> head,
                      Bytes bytes) {
    std::array<Word, sel4::message_max_words> words{};
    std::size_t count = 0;
    for (const Word word : head) words[count++] = word;
    if (!bytes.empty()) std::memcpy(words.data() + count, bytes.data(), bytes.size());
    count += (bytes.size() + sizeof(Word) - 1) / sizeof(Word);
    sel4::Message message;
    message.info = sel4::MessageInfo{static_cast<Word>(request), 0, static_cast<unsigned>(count)};
    for (std::size_t i = 0; i < count; ++i) {
        if (i < sel4::message_registers) {
            message.words[i] = words[i];
        } else {
            sel4::ipc_buffer().message[i] = words[i];
        }
    }
    return sel4::call(endpoint, message);
}

}  // namespace

void Manager::write(Bytes bytes, bool is_error) const {
    const Word stream = is_error ? 2 : 1;
    while (!bytes.empty()) {
        const Bytes part = bytes.first(std::min<std::size_t>(bytes.size(), native::write_max));
        request(endpoint_, Request::Write, {stream, part.size()}, part);
        bytes = bytes.subspan(part.size());
    }
}

void Manager::tell_host(Bytes payload) const {
    constexpr Word stream = 3;
    request(endpoint_, Request::Write, {stream, payload.size()}, payload);
}

void Manager::log(std::string_view line) const {
    line = line.substr(0, native::write_max);
    request(endpoint_, Request::Log, {line.size()}, as_bytes(line));
}

void Manager::set_timer(std::uint64_t deadline) const {
    request(endpoint_, Request::SetTimer, {deadline}, {});
}

void Manager::ready() const { request(endpoint_, Request::AppProvides, {}, {}); }

void Manager::exit(std::uint8_t status) const {
    constexpr unsigned status_shift = 8;  // as wait4(2) gives it
    end(std::uint32_t{status} << status_shift);
}

void Manager::end(std::uint32_t wait_status) const {
    for (;;) request(endpoint_, Request::Exit, {Word{wait_status}}, {});
}

std::uint64_t Manager::take_signals() const {
    return request(endpoint_, Request::TakeSignals, {}, {}).words[0];
}

}  // namespace kos::vmm
