// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Three threads, two of them in a VSpace of their own, add to shared counters by exclusive pairs
// and by LSE atomics while being preempted: no addition is lost.
#include "hostsim/machine/testdata/support.hpp"
#include "lib/sel4/syscall.hpp"

namespace {

using namespace kos;  // NOLINT(google-build-using-namespace): a program's own file

constexpr sel4::Word thread_count = 3;
constexpr sel4::Word rounds = 100'000;

sel4::Word exclusive_counter;
sel4::Word atomic_counter;
sel4::Word endpoint_of_main;

void add_exclusive(sel4::Word* counter) {
    sel4::Word value;
    std::uint32_t failed;
    asm volatile(
        "1: ldaxr %0, [%2]\n"
        "   add   %0, %0, #1\n"
        "   stlxr %w1, %0, [%2]\n"
        "   cbnz  %w1, 1b"
        : "=&r"(value), "=&r"(failed)
        : "r"(counter)
        : "memory");
}

void add_atomic(sel4::Word* counter) {
    sel4::Word before;
    asm volatile(
        ".arch_extension lse\n"
        "ldaddal %1, %0, [%2]"
        : "=r"(before)
        : "r"(sel4::Word{1}), "r"(counter)
        : "memory");
}

void add(sel4::Word) {
    for (sel4::Word i = 0; i < rounds; ++i) {
        add_exclusive(&exclusive_counter);
        add_atomic(&atomic_counter);
    }
    (void)sel4::call({endpoint_of_main}, {});
}

}  // namespace

void test_main() {
    const auto endpoint = test::make<sel4::Endpoint>(sel4::ObjectType::Endpoint);
    endpoint_of_main = endpoint.cptr().value;
    for (sel4::Word i = 0; i < thread_count; ++i) {
        test::start_thread({.entry = add,
                            .vspace = i == 0 ? test::own_vspace : test::make_vspace(),
                            .time = {.budget = 100, .period = 100}});
    }
    for (sel4::Word i = 0; i < thread_count; ++i) {
        (void)sel4::recv(endpoint.cptr(), test::make<sel4::Reply>(sel4::ObjectType::Reply));
    }
    test::print(exclusive_counter);
    test::print(atomic_counter);
    test::print("\n");
}
