// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Messages, signals, replies, and numbers that are no system call.
#include "tests/contract/program/generator.hpp"

namespace kos::contract {

using sel4::Syscall;

void Generator::draw_message() {
    const auto length = static_cast<unsigned>(choose({0, 1, 2, 4, 6, 12}));
    const auto caps = random_.percent(40) ? static_cast<unsigned>(random_.below(4)) : 0;
    // No invocation's label: where the target is no endpoint, it must be refused as such.
    call_.info = sel4::MessageInfo{0x100 + random_.below(0x1000), caps, length};
    for (unsigned i = 0; i < length; ++i) call_.words[i] = random_.below(0x1'0000);
    for (unsigned i = 0; i < caps; ++i) {
        call_.caps[i] = cap(random_.percent(50) ? Kind::Endpoint : Kind::Notification);
    }
    if (random_.percent(10)) {
        const Place place = spoilt({prop::self, empty_slot(), Playground::bits, 0});
        call_.receive_slot = {sel4::Cap<sel4::CNode>{place.root}, place.index,
                              static_cast<std::uint8_t>(place.depth)};
    }
}

void Generator::send() {
    constexpr Syscall calls[] = {Syscall::Send, Syscall::NbSend, Syscall::Call};
    constexpr Kind kinds[] = {Kind::Endpoint, Kind::Endpoint, Kind::Notification, Kind::Reply};
    draw_message();
    call_.number = static_cast<Word>(random_.of(std::span<const Syscall>{calls}));
    call_.target = cap(random_.of(std::span<const Kind>{kinds}));
}

void Generator::receive() {
    constexpr Syscall calls[] = {Syscall::Recv, Syscall::NbRecv, Syscall::Wait, Syscall::NbWait,
                                 Syscall::Yield};
    draw_message();
    call_.number = static_cast<Word>(random_.of(std::span<const Syscall>{calls}));
    call_.target = cap(random_.percent(60) ? Kind::Endpoint : Kind::Notification);
    call_.reply = cap_or_null(Kind::Reply, 5);
}

void Generator::send_and_receive() {
    constexpr Syscall calls[] = {Syscall::ReplyRecv, Syscall::NbSendRecv, Syscall::NbSendWait};
    draw_message();
    const Syscall call = random_.of(std::span<const Syscall>{calls});
    call_.number = static_cast<Word>(call);
    call_.target = cap(random_.percent(75) ? Kind::Endpoint : Kind::Notification);
    call_.reply = cap_or_null(Kind::Reply, 5);
    const Word other = cap(random_.percent(60) ? Kind::Endpoint : Kind::Notification);
    (call == Syscall::NbSendWait ? call_.reply : call_.destination) = other;
}

void Generator::no_system_call() {
    // Not -12 and the numbers below it, which debug kernels serve.
    call_.number = choose({0, 1, 64, 0x1000, ~Word{0} >> 1});
    call_.target = random_.next();
    call_.reply = random_.below(100);
}

}  // namespace kos::contract
