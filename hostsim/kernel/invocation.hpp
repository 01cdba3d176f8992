// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// An invocation of a kernel object while it is decoded, and the errors that it can answer
// (manual §3.4, appendix A).
#pragma once

#include "hostsim/kernel/capability.hpp"
#include "hostsim/kernel/fault.hpp"
#include "lib/base/result.hpp"
#include "lib/sel4/abi.hpp"
#include "lib/sel4/types.hpp"

#include <array>
#include <initializer_list>
#include <optional>

namespace kos::sim {

struct State;

/// What the answer to a failed invocation carries.
struct InvocationError {
    sel4::Error code = sel4::Error::None;
    std::array<Word, 5> words{};
    unsigned length = 0;
};

using Invoked = Result<void, InvocationError>;

[[nodiscard]] constexpr InvocationError invalid_argument(Word number) {
    return {sel4::Error::InvalidArgument, {number}, 1};
}
[[nodiscard]] constexpr InvocationError invalid_capability(Word number) {
    return {sel4::Error::InvalidCapability, {number}, 1};
}
[[nodiscard]] constexpr InvocationError illegal_operation() {
    return {sel4::Error::IllegalOperation};
}
[[nodiscard]] constexpr InvocationError range_error(Word lowest, Word highest) {
    return {sel4::Error::RangeError, {lowest, highest}, 2};
}
[[nodiscard]] constexpr InvocationError alignment_error() { return {sel4::Error::AlignmentError}; }
[[nodiscard]] constexpr InvocationError truncated_message() {
    return {sel4::Error::TruncatedMessage};
}
[[nodiscard]] constexpr InvocationError delete_first() { return {sel4::Error::DeleteFirst}; }
[[nodiscard]] constexpr InvocationError revoke_first() { return {sel4::Error::RevokeFirst}; }
[[nodiscard]] constexpr InvocationError not_enough_memory(Word bytes_left) {
    return {sel4::Error::NotEnoughMemory, {bytes_left}, 1};
}
[[nodiscard]] constexpr InvocationError failed_lookup(bool is_source, LookupFault fault) {
    const auto message = fault.message();
    InvocationError error{sel4::Error::FailedLookup, {is_source ? Word{1} : Word{0}}, 1};
    for (unsigned i = 0; i < message.length; ++i) error.words[error.length++] = message.words[i];
    return error;
}

/// What is invoked, how, and with which message.
struct Invocation {
    State& state;
    Slot& slot;      ///< that holds the invoked capability; the invocation may empty it
    Capability cap;  ///< the invoked capability as it was
    std::optional<sel4::Invocation> label;
    unsigned length;  ///< words of the message
    bool is_call;     ///< the invoker waits for an answer

    [[nodiscard]] Word word(unsigned index) const;
    /// Capability `index` of the message, or nullptr.
    [[nodiscard]] Slot* extra_cap(unsigned index) const;
    /// The message is at least so long.
    [[nodiscard]] bool carries(unsigned words, unsigned caps) const;
    /// Answers with `words`, if the invoker waits for an answer.
    void answer(std::initializer_list<Word> words) const;
};

// One function for each kind of object: checks the message in seL4's order, then acts.
Invoked invoke_untyped(const Invocation& invocation);
Invoked invoke_cnode(const Invocation& invocation);
Invoked invoke_thread(const Invocation& invocation);
Invoked invoke_sched_control(const Invocation& invocation);
Invoked invoke_sched_context(const Invocation& invocation);
Invoked invoke_frame(const Invocation& invocation);
Invoked invoke_page_table(const Invocation& invocation);
Invoked invoke_asid_control(const Invocation& invocation);
Invoked invoke_asid_pool(const Invocation& invocation);
Invoked invoke_vcpu(const Invocation& invocation);
Invoked invoke_vspace(const Invocation& invocation);
Invoked invoke_irq_control(const Invocation& invocation);
Invoked invoke_irq_handler(const Invocation& invocation);

}  // namespace kos::sim
