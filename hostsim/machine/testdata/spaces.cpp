// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A client in a VSpace of its own shares a frame, at another address, with the initial thread, and
// calls it with a badge.
#include "hostsim/machine/testdata/support.hpp"
#include "lib/sel4/syscall.hpp"

namespace {

using namespace kos;  // NOLINT(google-build-using-namespace): a program's own file

constexpr sel4::Word server_view = test::free_address;
constexpr sel4::Word client_view = test::free_address + 0x1'0000;
constexpr sel4::Word badge = 0x77;

volatile sel4::Word& word_at(sel4::Word address) {
    return *reinterpret_cast<volatile sel4::Word*>(address);
}

void client(sel4::Word endpoint) {
    const sel4::Word seen = word_at(client_view);
    word_at(client_view) = seen + 1;
    const sel4::Message answer =
        sel4::call({endpoint}, {sel4::MessageInfo{5, 0, 2}, {seen, 0x1234}});
    word_at(client_view) = answer.words[0];
    (void)sel4::call({endpoint}, {sel4::MessageInfo{6, 0, 0}});
}

}  // namespace

void test_main() {
    const auto frame = test::map_frame(test::own_vspace, server_view);
    word_at(server_view) = 41;
    const auto vspace = test::make_vspace();
    test::map(sel4::Cap<sel4::Frame>{test::copy(frame.cptr())}, vspace, client_view);
    const auto endpoint = test::make<sel4::Endpoint>(sel4::ObjectType::Endpoint);
    const auto reply = test::make<sel4::Reply>(sel4::ObjectType::Reply);
    const sel4::CPtr badged = test::copy(endpoint.cptr(), badge);
    test::start_thread({.entry = client, .argument = badged.value, .vspace = vspace});

    const sel4::Message first = sel4::recv(endpoint.cptr(), reply);
    test::print(first.badge);
    test::print(first.info.label());
    test::print(first.info.length());
    test::print(first.words[0]);
    test::print(first.words[1]);
    test::print(word_at(server_view));
    const sel4::Message second =
        sel4::reply_recv(endpoint.cptr(), {sel4::MessageInfo{0, 0, 1}, {0x99}}, reply);
    test::print(second.info.label());
    test::print(word_at(server_view));
    test::print("\n");
}
