// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/program/system_call.hpp"

namespace kos::contract {

namespace {

constexpr std::array<std::string_view, system_call_count> names{
    "Call", "ReplyRecv", "NBSendRecv", "NBSendWait", "Send", "NBSend",
    "Recv", "NBRecv",    "Wait",       "NBWait",     "Yield"};

}  // namespace

unsigned operation_of(const SystemCall& call) {
    if (call.invocation) return static_cast<unsigned>(*call.invocation);
    const sel4::Word ordinal = ~call.number;  // -1 is the first
    return sel4::invocation_count +
           (ordinal < system_call_count ? static_cast<unsigned>(ordinal) : system_call_count);
}

std::string_view name_of_operation(unsigned operation) {
    if (operation < sel4::invocation_count) {
        return sel4::name_of(static_cast<sel4::Invocation>(operation));
    }
    const unsigned ordinal = operation - sel4::invocation_count;
    return ordinal < system_call_count ? names[ordinal] : "unknown";
}

}  // namespace kos::contract
