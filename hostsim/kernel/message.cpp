// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/kernel/message.hpp"

#include "hostsim/kernel/derivation.hpp"
#include "hostsim/kernel/fault_delivery.hpp"
#include "hostsim/kernel/lookup.hpp"

#include <algorithm>

namespace kos::sim {

namespace {

/// Where messages of `thread` beyond the registers lie, if its frame allows `rights`.
sel4::IpcBuffer* buffer_of(const State& state, const Thread& thread, std::uint8_t rights) {
    const Capability& frame = thread.slot(ThreadSlot::IpcBuffer).cap;
    if (frame.kind != CapKind::Frame || frame.is_device) return nullptr;
    if ((frame.rights & rights) != rights) return nullptr;
    const Word offset = thread.ipc_buffer_address & ((Word{1} << frame.size_bits) - 1);
    const MutableBytes bytes = state.memory.bytes(frame.address + offset, sizeof(sel4::IpcBuffer));
    return bytes.empty() ? nullptr : reinterpret_cast<sel4::IpcBuffer*>(bytes.data());
}

unsigned copy_words(Thread& sender, const sel4::IpcBuffer* from, Thread& receiver,
                    sel4::IpcBuffer* to, unsigned length) {
    const unsigned in_registers = std::min(length, sel4::message_registers);
    for (unsigned i = 0; i < in_registers; ++i) {
        receiver.message_register(i) = sender.message_register(i);
    }
    if (from == nullptr || to == nullptr) return in_registers;
    for (unsigned i = in_registers; i < length; ++i) to->message[i] = from->message[i];
    return length;
}

/// The empty slot that the receiver names for a capability, or nullptr.
Slot* receive_slot(const Thread& receiver, const sel4::IpcBuffer& buffer) {
    const auto root = look_up_slot(receiver, buffer.receive_cnode);
    if (!root) return nullptr;
    const auto slot = resolve_slot((*root)->cap, buffer.receive_index, buffer.receive_depth, false);
    if (!slot || !(*slot)->cap.is_null()) return nullptr;
    return *slot;
}

/// Moves the capabilities in State::extra_caps; the tag's part that tells of them.
sel4::MessageInfo transfer_caps(State& state, Word label, const Endpoint* endpoint,
                                Thread& receiver, sel4::IpcBuffer* buffer) {
    if (state.extra_caps[0] == nullptr || buffer == nullptr) return {label, 0, 0};
    Slot* destination = receive_slot(receiver, *buffer);
    unsigned unwrapped = 0;
    unsigned i = 0;
    for (; i < sel4::message_max_caps && state.extra_caps[i] != nullptr; ++i) {
        Slot& source = *state.extra_caps[i];
        if (source.cap.kind == CapKind::Endpoint && source.cap.object == endpoint) {
            // Of a capability to the endpoint itself only the badge is told.
            buffer->caps_or_badges[i] = source.cap.word;
            unwrapped |= 1u << i;
            continue;
        }
        if (destination == nullptr) break;
        const auto derived = derive(source, source.cap);
        if (!derived || derived->is_null()) break;
        insert_cap(*derived, source, *destination);
        destination = nullptr;
    }
    return sel4::MessageInfo{sel4::MessageInfo{label, i, 0}.raw() | Word{unwrapped} << 9};
}

void transfer_words_and_caps(State& state, Thread& sender, const Endpoint* endpoint, bool can_grant,
                             Thread& receiver, sel4::IpcBuffer* to) {
    const sel4::MessageInfo sent = sender.message_info();
    if (!can_grant || look_up_extra_caps(state, sender)) state.extra_caps[0] = nullptr;
    const unsigned length =
        copy_words(sender, send_buffer(state, sender), receiver, to, sent.length());
    const sel4::MessageInfo caps = transfer_caps(state, sent.label(), endpoint, receiver, to);
    receiver.set_message_info(sel4::MessageInfo{caps.raw() | length});
}

}  // namespace

sel4::IpcBuffer* receive_buffer(const State& state, const Thread& thread) {
    return buffer_of(state, thread, RightsMask::read | RightsMask::write);
}

sel4::IpcBuffer* send_buffer(const State& state, const Thread& thread) {
    return buffer_of(state, thread, RightsMask::read);
}

unsigned set_word(Thread& receiver, sel4::IpcBuffer* buffer, unsigned index, Word value) {
    if (index < sel4::message_registers) {
        receiver.message_register(index) = value;
        return index + 1;
    }
    if (buffer == nullptr) return sel4::message_registers;
    buffer->message[index] = value;
    return index + 1;
}

Word get_word(const Thread& sender, const sel4::IpcBuffer* buffer, unsigned index) {
    if (index < sel4::message_registers) return sender.registers.x[2 + index];
    return buffer == nullptr ? 0 : buffer->message[index];
}

void answer_words(const State& state, Thread& thread, std::initializer_list<Word> words) {
    sel4::IpcBuffer* buffer = receive_buffer(state, thread);
    unsigned length = 0;
    for (const Word word : words) length = set_word(thread, buffer, length, word);
    thread.set_badge(0);
    thread.set_message_info({0, 0, length});
}

std::optional<ExtraCapFailure> look_up_extra_caps(State& state, Thread& sender) {
    state.extra_caps.fill(nullptr);
    const unsigned count = sender.message_info().extra_caps();
    if (count == 0) return std::nullopt;
    const sel4::IpcBuffer* buffer = send_buffer(state, sender);
    if (buffer == nullptr) return std::nullopt;
    for (unsigned i = 0; i < count; ++i) {
        const Word cptr = buffer->caps_or_badges[i];
        const auto slot = look_up_slot(sender, cptr);
        if (!slot) return ExtraCapFailure{cptr, slot.error()};
        state.extra_caps[i] = *slot;
    }
    return std::nullopt;
}

void transfer_message(State& state, Thread& sender, const Endpoint* endpoint, Word badge,
                      bool can_grant, Thread& receiver) {
    sel4::IpcBuffer* to = receive_buffer(state, receiver);
    if (sender.fault.kind == sel4::FaultKind::None) {
        transfer_words_and_caps(state, sender, endpoint, can_grant, receiver, to);
    } else {
        const unsigned length = set_fault_message(sender, receiver, to);
        receiver.set_message_info({static_cast<Word>(sender.fault.kind), 0, length});
    }
    receiver.set_badge(badge);
}

}  // namespace kos::sim
