// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/program/trace.hpp"

#include "lib/sel4/fault.hpp"
#include "tests/contract/program/actor.hpp"

#include <algorithm>

namespace kos::contract {

namespace {

using sel4::Invocation;
using sel4::Word;

constexpr unsigned percent_cancelled = 30;

bool has_returned(const ActorFault& fault) {
    return fault.label == static_cast<Word>(sel4::FaultKind::UserException) &&
           fault.words[sel4::user_exception::fault_ip] == actor_return();
}

/// The answer's label, where the kernel answered: an invocation's error.
bool is_answered(const SystemCall& call) { return call.is(sel4::Syscall::Call); }

unsigned outcome_of(const SystemCall& call, const ActorFault& fault) {
    if (!has_returned(fault)) return outcome::fault;
    const Word label = sel4::MessageInfo{fault.registers.x1}.label();
    if (!call.invocation || !is_answered(call) || label >= sel4::error_count) {
        return outcome::returned;
    }
    return static_cast<unsigned>(label);
}

Line step_line(std::uint64_t step, std::string_view what, unsigned actor) {
    return Line{}.text("step ").decimal(step).text(" ").text(what).text(" ").decimal(actor);
}

}  // namespace

Trace::Trace(Stage& stage, Recorder& recorder, std::uint64_t seed, bool ignores_serror)
    : stage_(stage),
      recorder_(recorder),
      random_(seed),
      generator_(random_, playground_, actor_entry()),
      seed_(seed),
      ignores_serror_(ignores_serror) {}

Attempt<> Trace::run(std::uint64_t steps) {
    recorder_.begin_trace();
    KOS_TRY(stage_.set_up(playground_));
    for (std::uint64_t number = 0; number < steps; ++number) KOS_TRY(step(number));
    KOS_TRY(stage_.tear_down());
    recorder_.end_trace(seed_);
    return {};
}

Attempt<> Trace::step(std::uint64_t number) {
    const SystemCall call = generator_.draw();
    if (call.by_initial_thread) {
        step_of_initial_thread(number, call);
        return {};
    }
    const unsigned actor = choose_actor(number);
    record_call(step_line(number, "actor", actor), call);
    KOS_TRY(stage_.start(actor, call, actor_entry()));
    const bool came_back = KOS_TRY(let_run(number, actor, call));
    if (came_back) return {};
    waits_[actor] = true;
    recorder_.count(operation_of(call), outcome::blocked);
    recorder_.step(step_line(number, "waits", actor));
    return {};
}

void Trace::step_of_initial_thread(std::uint64_t number, const SystemCall& call) {
    record_call(step_line(number, "initial", 0), call);
    const sel4::Message answer = stage_.invoke(call);
    const auto error = static_cast<sel4::Error>(answer.info.label());
    Line line = step_line(number, "answer", 0);
    line.text(" ").text(sel4::name_of(error)).text(" ").hex(answer.info.raw());
    for (unsigned i = 0; i < std::min(answer.info.length(), sel4::message_registers); ++i) {
        line.text(" ").hex(answer.words[i]);
    }
    recorder_.step(line);
    recorder_.count(operation_of(call), static_cast<unsigned>(error));
    if (error == sel4::Error::None) generator_.succeeded();
}

/// One that waits for nothing, or that is taken out of its waiting.
unsigned Trace::choose_actor(std::uint64_t step) {
    const auto actor = static_cast<unsigned>(random_.below(actor_count));
    if (!waits_[actor]) return actor;
    if (!random_.percent(percent_cancelled)) {
        for (unsigned other = 0; other < actor_count; ++other) {
            if (!waits_[other]) return other;
        }
    }
    cancel(step, actor);
    return actor;
}

void Trace::cancel(std::uint64_t step, unsigned actor) {
    Line line = step_line(step, "cancel", actor);
    for (const sel4::Error error : stage_.cancel(actor)) line.text(" ").text(sel4::name_of(error));
    recorder_.step(line);
    waits_[actor] = false;
}

Attempt<bool> Trace::let_run(std::uint64_t step, unsigned chosen, const SystemCall& call) {
    bool came_back = false;
    for (;;) {
        auto fault = KOS_TRY(stage_.next_fault());
        if (!fault) return came_back;
        const bool is_chosen = fault->actor == chosen && !came_back;
        if (is_chosen) KOS_TRY(make_comparable(call, *fault));
        record_fault(step, *fault, is_chosen ? &call : nullptr);
        waits_[fault->actor] = false;
        if (!is_chosen) continue;
        came_back = true;
        note_outcome(call, *fault);
    }
}

/// Times are, and of an address all but where it lies in the arena.
Attempt<> Trace::make_comparable(const SystemCall& call, ActorFault& fault) {
    if (!call.invocation || outcome_of(call, fault) != 0) return {};
    switch (*call.invocation) {
        case Invocation::SchedContextConsumed:
        case Invocation::SchedContextYieldTo:
            fault.registers.x2 = 0;
            break;
        case Invocation::PageGetAddress: {
            Word& address = fault.registers.x2;
            const bool is_device = address - stage_.device_address() < Word{1} << device_arena_bits;
            address -= is_device ? stage_.device_address() : stage_.arena_address();
            break;
        }
        case Invocation::VcpuReadRegs:
            // ISR_EL1 of older kernels, and CNTVOFF.
            if (call.words[0] != 13 && call.words[0] != 22) return {};
            fault.registers.x2 = 0;
            break;
        default:
            return {};
    }
    return stage_.replace_answer(fault, fault.registers.x2);
}

void Trace::note_outcome(const SystemCall& call, const ActorFault& fault) {
    const unsigned ending = outcome_of(call, fault);
    recorder_.count(operation_of(call), ending);
    if (ending == 0) generator_.succeeded();
}

/// A release kernel masks asynchronous aborts for its threads, a debug kernel and the simulated one
/// do not: words that look like an SPSR are compared without bit 8 then.
sel4::Word Trace::comparable(Word word) const {
    constexpr Word serror_mask = 0x100, user_pstate = 0x40, condition_flags = 0xf000'0000;
    const bool is_spsr = (word & ~condition_flags) == (user_pstate | serror_mask);
    return ignores_serror_ && is_spsr ? word & ~serror_mask : word;
}

sel4::Word Trace::digest_of(const sel4::IpcBuffer& buffer) const {
    std::uint64_t digest = 0;
    const auto add = [&](Word word) { digest = (digest ^ comparable(word)) * 0x100'0000'01b3 + 1; };
    for (const Word word : buffer.message) add(word);
    for (const Word word : buffer.caps_or_badges) add(word);
    return digest;
}

void Trace::record_call(Line line, const SystemCall& call) {
    line.text(" ").text(name_of_operation(operation_of(call)));
    line.text(" x7=")
        .hex(call.number)
        .text(" on ")
        .hex(call.target)
        .text(" info ")
        .hex(call.info.raw());
    for (unsigned i = 0; i < call.info.length() && i < 8; ++i) line.text(" ").hex(call.words[i]);
    line.text(" caps");
    for (unsigned i = 0; i < call.info.extra_caps(); ++i) line.text(" ").hex(call.caps[i]);
    line.text(" x6=").hex(call.reply).text(" x8=").hex(call.destination);
    recorder_.step(line);
}

void Trace::record_fault(std::uint64_t step, const ActorFault& fault, const SystemCall* call) {
    const sel4::UserContext& registers = fault.registers;
    Line line = step_line(step, "fault", fault.actor);
    line.text(" ").hex(fault.label);
    if (!has_returned(fault)) {
        for (unsigned i = 0; i < fault.length; ++i) {
            line.text(" ").hex(comparable(fault.words[i]));
        }
        recorder_.step(line);
        line = step_line(step, "registers", fault.actor);
    }
    line.text(" x0=").hex(registers.x0).text(" info ").hex(registers.x1).text(" ");
    if (call != nullptr && call->invocation && is_answered(*call)) {
        const Word label = sel4::MessageInfo{registers.x1}.label();
        if (label < sel4::error_count) {
            line.text(sel4::name_of(static_cast<sel4::Error>(label))).text(" ");
        }
    }
    for (const Word word : {registers.x2, registers.x3, registers.x4, registers.x5}) {
        line.hex(comparable(word)).text(" ");
    }
    line.text("buffer ").hex(digest_of(stage_.buffer_of(fault.actor)));
    recorder_.step(line);
}

}  // namespace kos::contract
