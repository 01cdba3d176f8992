// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A system call as an actor makes it: its registers and what it finds in its IPC buffer.
#pragma once

#include "lib/sel4/abi.hpp"
#include "lib/sel4/syscall.hpp"
#include "lib/sel4/types.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace kos::contract {

struct SystemCall {
    /// The most words that a call carries: those of TCB_WriteRegisters.
    static constexpr unsigned max_words = sel4::user_context_words + 2;

    sel4::Word number = 0;  ///< x7
    sel4::Word target = 0;  ///< x0
    sel4::MessageInfo info;
    std::array<sel4::Word, max_words> words{};
    std::array<sel4::Word, sel4::message_max_caps> caps{};
    sel4::Word reply = 0;        ///< x6
    sel4::Word destination = 0;  ///< x8
    sel4::Slot receive_slot{};
    /// Where the label is that of one.
    std::optional<sel4::Invocation> invocation;
    /// The initial thread makes it itself, with capabilities of its own CSpace.
    bool by_initial_thread = false;

    [[nodiscard]] bool is(sel4::Syscall which) const {
        return number == static_cast<sel4::Word>(which);
    }
};

/// Rows of the coverage table: the invocations, then the other system calls by -number, then all
/// numbers that are none.
inline constexpr unsigned system_call_count = 11;
inline constexpr unsigned operation_count = sel4::invocation_count + system_call_count + 1;

[[nodiscard]] unsigned operation_of(const SystemCall& call);
[[nodiscard]] std::string_view name_of_operation(unsigned operation);

}  // namespace kos::contract
