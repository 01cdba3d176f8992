// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A thread that naps ten times, 20 ms each: it yields what it has of a period.
#include "hostsim/machine/testdata/support.hpp"
#include "lib/sel4/syscall.hpp"

namespace {

using namespace kos;  // NOLINT(google-build-using-namespace): a program's own file

void nap(sel4::Word endpoint) {
    for (int i = 0; i < 10; ++i) sel4::yield();
    (void)sel4::call({endpoint}, {});
}

}  // namespace

void test_main() {
    const auto endpoint = test::make<sel4::Endpoint>(sel4::ObjectType::Endpoint);
    const auto reply = test::make<sel4::Reply>(sel4::ObjectType::Reply);
    test::start_thread({.entry = nap,
                        .argument = endpoint.cptr().value,
                        .time = {.budget = 1000, .period = 20'000}});
    (void)sel4::recv(endpoint.cptr(), reply);
    test::print("rested\n");
}
