// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/program/actor.hpp"

#include "lib/sel4/syscall.hpp"

asm(R"(
    .section .text.actor, "ax"
    .global contract_actor
    .balign 64
contract_actor:
    svc     #0
    udf     #0
    .global contract_worker
contract_worker:
    svc     #0
    .global contract_spinner
contract_spinner:
    b       contract_spinner
)");

extern "C" const char contract_actor[], contract_worker[], contract_spinner[];

namespace kos::contract {

namespace {
constexpr sel4::Word instruction_bytes = 4;
}

sel4::Word actor_entry() { return reinterpret_cast<sel4::Word>(contract_actor); }
sel4::Word actor_return() { return actor_entry() + instruction_bytes; }
sel4::Word worker_entry() { return reinterpret_cast<sel4::Word>(contract_worker); }
sel4::Word spinner_entry() { return reinterpret_cast<sel4::Word>(contract_spinner); }

void run_marker(sel4::Word endpoint) {
    for (;;) (void)sel4::call({endpoint}, {sel4::MessageInfo{quiet_label, 0, 0}});
}

}  // namespace kos::contract
