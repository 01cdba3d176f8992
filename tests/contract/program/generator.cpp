// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/program/generator.hpp"

#include <algorithm>

namespace kos::contract {

namespace {

/// How deep a whole capability pointer is resolved.
constexpr sel4::Word cptr_depth = 64;

}  // namespace

std::span<const Generator::Choice> Generator::choices() {
    static constexpr Choice table[] = {
        {12, &Generator::retype},        {5, &Generator::page_table_map},
        {8, &Generator::page_map},       {4, &Generator::page_others},
        {4, &Generator::asid},           {2, &Generator::vspace_flush},
        {3, &Generator::retype_device},  {4, &Generator::device_page_map},
        {4, &Generator::irq_handler},    {3, &Generator::irq_control},
        {5, &Generator::vcpu},           {1, &Generator::guest_registers},
        {9, &Generator::copy_or_mint},   {6, &Generator::move_or_mutate},
        {3, &Generator::rotate},         {6, &Generator::delete_or_revoke},
        {3, &Generator::configure},      {2, &Generator::set_space},
        {4, &Generator::set_priorities}, {3, &Generator::set_sched_params},
        {2, &Generator::set_ipc_buffer}, {5, &Generator::registers},
        {6, &Generator::thread_others},  {4, &Generator::sched_control},
        {5, &Generator::sched_context},  {12, &Generator::send},
        {10, &Generator::receive},       {6, &Generator::send_and_receive},
        {1, &Generator::no_system_call},
    };
    return table;
}

SystemCall Generator::draw() {
    call_ = {};
    effect_ = {};
    call_.receive_slot = {sel4::Cap<sel4::CNode>{prop::self}, empty_slot(), Playground::bits};
    unsigned total = 0;
    for (const Choice& choice : choices()) total += choice.weight;
    std::uint64_t ticket = random_.below(total);
    for (const Choice& choice : choices()) {
        if (ticket < choice.weight) {
            (this->*choice.draw)();
            break;
        }
        ticket -= choice.weight;
    }
    if (call_.by_initial_thread) {
        if (random_.percent(15)) shorten();
    } else if (call_.invocation && random_.percent(8)) {
        spoil();
    }
    return call_;
}

void Generator::invoke(sel4::Invocation invocation, Word target, std::span<const Word> words,
                       std::initializer_list<Word> caps) {
    call_.number = static_cast<Word>(sel4::Syscall::Call);
    call_.invocation = invocation;
    call_.target = target;
    call_.info =
        sel4::MessageInfo{sel4::abi().label(invocation), static_cast<unsigned>(caps.size()),
                          static_cast<unsigned>(words.size())};
    std::copy(words.begin(), words.end(), call_.words.begin());
    std::copy(caps.begin(), caps.end(), call_.caps.begin());
}

/// Too few words or too few capabilities.
void Generator::shorten() {
    const sel4::MessageInfo info = call_.info;
    if (random_.percent(50)) {
        call_.info = sel4::MessageInfo{info.label(), info.extra_caps(),
                                       static_cast<unsigned>(random_.below(info.length() + 1))};
    } else {
        call_.info = sel4::MessageInfo{info.label(),
                                       static_cast<unsigned>(random_.below(info.extra_caps() + 1)),
                                       info.length()};
    }
}

void Generator::spoil() {
    effect_ = {};
    const sel4::MessageInfo info = call_.info;
    switch (random_.below(4)) {
        case 0:
        case 1:
            shorten();
            break;
        case 2: {  // another object's invocation, or another one of this object
            const auto other = static_cast<sel4::Invocation>(random_.below(sel4::invocation_count));
            call_.invocation = other;
            call_.info =
                sel4::MessageInfo{sel4::abi().label(other), info.extra_caps(), info.length()};
            break;
        }
        default:  // nobody waits for the answer
            call_.number = static_cast<Word>(random_.percent(50) ? sel4::Syscall::Send
                                                                 : sel4::Syscall::NbSend);
            break;
    }
}

void Generator::succeeded() {
    using What = Effect::What;
    const Contents source = playground_.at(effect_.source);
    switch (effect_.what) {
        case What::Nothing:
            return;
        case What::Copy:
            return playground_.put(effect_.destination, source);
        case What::Move:
            playground_.put(effect_.source, {});
            return playground_.put(effect_.destination, source);
        case What::Rotate:
            playground_.put(effect_.destination, playground_.at(effect_.pivot));
            if (effect_.source != effect_.destination) playground_.put(effect_.source, {});
            return playground_.put(effect_.pivot, source);
        case What::Delete:
            return playground_.put(effect_.source, {});
        case What::Revoke:
            return playground_.forget_made_from(source.object);
        case What::Make:
            return playground_.make(effect_.destination, effect_.count, effect_.kind,
                                    source.object);
    }
}

sel4::Word Generator::cap(Kind kind) {
    const std::uint64_t roll = random_.below(100);
    if (roll < 88) return playground_.find(random_, kind);
    if (roll < 96) return random_.below(Playground::slots);
    if (roll < 98) return playground_.find(random_, Kind::Empty);
    return choose({0, Playground::slots, ~Word{0}, Word{1} << 40});
}

sel4::Word Generator::cap_or_null(Kind kind, unsigned percent_null) {
    return random_.percent(percent_null) ? 0 : cap(kind);
}

sel4::Word Generator::empty_slot() {
    if (random_.percent(4)) return random_.below(Playground::slots);
    return playground_.find(random_, Kind::Empty);
}

Generator::Place Generator::place(Word slot) {
    const std::uint64_t roll = random_.below(100);
    if (roll < 70) return {prop::self, slot, Playground::bits, slot};
    if (roll < 90) return {prop::self_by_cptr, slot, cptr_depth, slot};
    if (roll < 93) {
        return {prop::cnode, random_.below(1u << Playground::inner_bits), Playground::inner_bits,
                0};
    }
    if (roll < 96) {  // through the playground into the inner CNode
        return {prop::self, prop::cnode << Playground::inner_bits | random_.below(16),
                Playground::bits + Playground::inner_bits, 0};
    }
    return spoilt({prop::self, slot, Playground::bits, 0});
}

Generator::Place Generator::spoilt(Place place) {
    switch (random_.below(3)) {
        case 0:
            place.root = cap(Kind::CNode);
            break;
        case 1:
            place.depth = choose({0, 1, 3, 7, 10, 58, 63, 64, 65, 200, 256});
            break;
        default:
            place.index = choose({Playground::slots, ~Word{0}, 1u << 12, 0});
            break;
    }
    return place;
}

sel4::Word Generator::address() {
    // Off what the program itself has mapped; two 2 MiB steps in each of two GiB.
    return choose({0x8000'0000, 0x8000'0000, 0x8000'1000, 0x8000'2000, 0x8020'0000, 0x8020'1000,
                   0xc000'0000, 0xc000'0000, 0xc020'0000, 0x8000'0800, 0x8010'0000, 0,
                   0xff'ffff'f000, 0x100'0000'0000, 0xffff'ffff'ffff'f000});
}

sel4::Word Generator::nonzero_address() {
    const Word drawn = address();
    return drawn != 0 ? drawn : 0xc000'0000;
}

sel4::Word Generator::guard() {
    return choose({0, sel4::cnode_guard(0, 58), sel4::cnode_guard(0, 60), sel4::cnode_guard(1, 4),
                   sel4::cnode_guard(0, 63), sel4::cnode_guard(~Word{0} >> 6, 6)});
}

sel4::Word Generator::vspace_for(Word thread) {
    if (has_root_vspace(thread) || random_.percent(50)) return prop::root_vspace;
    return cap(Kind::VSpace);
}

sel4::Word Generator::any_badge() { return choose({0, 1, 2, 0x55, 0x8000, ~Word{0}}); }

}  // namespace kos::contract
