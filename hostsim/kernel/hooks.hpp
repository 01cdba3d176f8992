// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a front end or a test can hear of and alter in the simulated kernel.
#pragma once

#include "lib/base/address.hpp"
#include "lib/sel4/abi.hpp"
#include "lib/sel4/fault.hpp"
#include "lib/sel4/types.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kos::sim {

using sel4::Word;
struct Thread;
struct VSpace;

/// What a page of a VSpace allows and where it lies.
struct Mapping {
    PhysicalAddress physical;
    unsigned size_bits = 0;  ///< of the frame: 12, 21 or 30
    bool readable = false;
    bool writable = false;
    bool executable = false;
    bool cacheable = false;
    friend bool operator==(const Mapping&, const Mapping&) = default;
};

/// Told of every change of a VSpace, so that a front end's copy stays true to it.
class VSpaceListener {
   public:
    virtual ~VSpaceListener() = default;
    /// `mapping` is at `address` now, in place of what was there.
    virtual void mapped(VSpace& vspace, VirtualAddress address, const Mapping& mapping) = 0;
    /// Nothing is at [address, address + size) any more.
    virtual void unmapped(VSpace& vspace, VirtualAddress address, std::uint64_t size) = 0;
    /// Instructions at [address, address + size) may have been written by the program.
    virtual void unified(VSpace& vspace, VirtualAddress address, std::uint64_t size) = 0;
    /// The VSpace goes; all in it was unmapped.
    virtual void destroyed(VSpace& vspace) = 0;
};

/// Told before a thread goes, so that a front end forgets what it holds for it.
class ThreadListener {
   public:
    virtual ~ThreadListener() = default;
    virtual void destroyed(Thread& thread) = 0;
};

/// One invocation of a kernel object and its outcome.
struct InvocationReport {
    const Thread* caller;
    /// Nothing where the label is no invocation of the kernel ABI record.
    std::optional<sel4::Invocation> invocation;
    sel4::CPtr target;
    std::span<const Word> arguments;
    std::span<const Word> extra_caps;  ///< as CPtrs
    sel4::Error error;
    /// What the answer carries: results, or the particulars of the error.
    std::span<const Word> answer;
};

/// "thread 2: TCB_Resume(0x13) = no error".
[[nodiscard]] std::string to_string(const InvocationReport& report);

class InvocationListener {
   public:
    virtual ~InvocationListener() = default;
    virtual void invoked(const InvocationReport& report) = 0;
};

/// An error that an invocation answers instead of being made.
struct InjectedFailure {
    sel4::Error error;
    std::array<Word, 4> words{};
    unsigned length = 0;  ///< of `words` that the answer carries
};

/// Asked before each invocation of a kernel object is made.
class FailureInjector {
   public:
    virtual ~FailureInjector() = default;
    virtual std::optional<InjectedFailure> fail(const Thread& caller,
                                                std::optional<sel4::Invocation> invocation) = 0;
};

/// A thread faulted; `handled` tells whether it has a fault handler.
class FaultListener {
   public:
    virtual ~FaultListener() = default;
    virtual void faulted(const Thread& thread, sel4::FaultKind kind, bool handled) = 0;
};

/// Where DebugPutChar goes (kernels with PRINTING).
class DebugConsole {
   public:
    virtual ~DebugConsole() = default;
    virtual void put(char character) = 0;
};

struct Hooks {
    VSpaceListener* vspaces = nullptr;
    ThreadListener* threads = nullptr;
    InvocationListener* invocations = nullptr;
    FailureInjector* failures = nullptr;
    FaultListener* faults = nullptr;
    DebugConsole* console = nullptr;  ///< without one DebugPutChar is an unknown system call
};

}  // namespace kos::sim
