// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Call and ReplyRecv between two VSpaces, a fixed number of times: bench/hostsim measures it.
#include "hostsim/machine/testdata/support.hpp"
#include "lib/sel4/syscall.hpp"

namespace {

using namespace kos;  // NOLINT(google-build-using-namespace): a program's own file

constexpr sel4::Word rounds = 200'000;

void client(sel4::Word endpoint) {
    for (;;) (void)sel4::call({endpoint}, {sel4::MessageInfo{1, 0, 1}, {7}});
}

}  // namespace

void test_main() {
    const auto endpoint = test::make<sel4::Endpoint>(sel4::ObjectType::Endpoint);
    const auto reply = test::make<sel4::Reply>(sel4::ObjectType::Reply);
    const auto vspace = test::make_vspace();
    test::start_thread({.entry = client, .argument = endpoint.cptr().value, .vspace = vspace});
    (void)sel4::recv(endpoint.cptr(), reply);
    for (sel4::Word i = 0; i < rounds; ++i) {
        (void)sel4::reply_recv(endpoint.cptr(), {sel4::MessageInfo{0, 0, 1}, {8}}, reply);
    }
    test::print("done\n");
}
