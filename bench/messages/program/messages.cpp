// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Messages between two VSpaces, as often as the driver asks: a Call that is answered by ReplyRecv,
// or an instruction that is none, whose fault is answered so. The console tells how it ended.
#include "bench/messages/parameters.hpp"
#include "hostsim/machine/testdata/support.hpp"
#include "lib/sel4/syscall.hpp"
#include "rootserver/boot/boot_parameters.hpp"

namespace {

using namespace kos;  // NOLINT(google-build-using-namespace): a program's own file

/// Filled in by the driver: volatile, or the compiler would know what is in it.
constinit volatile bench::MessageParameters parameters;

void caller(sel4::Word endpoint) {
    for (;;) (void)sel4::call({endpoint}, {sel4::MessageInfo{1, 0, 1}, {7}});
}

void faulter(sel4::Word) {
    for (;;) asm volatile("udf #0" ::: "memory");
}

/// Lets the thread go on behind the instruction that faulted: pc, sp and flags in the order in
/// which the fault has them.
sel4::Message answer_to_fault(const sel4::Message& fault) {
    constexpr sel4::Word instruction = 4;
    return {sel4::MessageInfo{0, 0, 3},
            {fault.words[0] + instruction, fault.words[1], fault.words[2]}};
}

}  // namespace

void test_prepare(const sel4::BootInfo& boot_info) {
    const Bytes extra{sel4::vspace_pointer(reinterpret_cast<sel4::Word>(&boot_info) + page_size),
                      boot_info.extra_length};
    const auto boot = rootserver::read_boot_parameters(extra);
    if (boot) sel4::set_abi(boot->kernel_abi);
}

void test_main() {
    const bool faults = parameters.faults != 0;
    const auto endpoint = test::make<sel4::Endpoint>(sel4::ObjectType::Endpoint);
    const auto reply = test::make<sel4::Reply>(sel4::ObjectType::Reply);
    test::start_thread({.entry = faults ? faulter : caller,
                        .argument = endpoint.cptr().value,
                        .vspace = test::make_vspace(),
                        .fault_endpoint = endpoint});
    sel4::Message message = sel4::recv(endpoint.cptr(), reply);
    const sel4::Word rounds = parameters.rounds;
    for (sel4::Word i = 0; i < rounds; ++i) {
        const sel4::Message answer =
            faults ? answer_to_fault(message) : sel4::Message{sel4::MessageInfo{0, 0, 1}, {8}};
        message = sel4::reply_recv(endpoint.cptr(), answer, reply);
    }
    test::print(message.info.label() == (faults ? sel4::Word{3} : sel4::Word{1})
                    ? "\n@end\n"
                    : "\n@another message\n@end\n");
}
