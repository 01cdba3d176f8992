// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What went wrong with a thread, and how it is told to the thread's handler (manual §6.2) or to
// the invoker (§3.4).
#pragma once

#include "lib/sel4/fault.hpp"
#include "lib/sel4/types.hpp"

#include <array>

namespace kos::sim {

using sel4::Word;

/// Why a capability address does not resolve; numbered as in the API (seL4_LookupFailureType).
enum class LookupFailure : Word {
    InvalidRoot = 1,
    MissingCapability = 2,
    DepthMismatch = 3,
    GuardMismatch = 4,
};

struct LookupFault {
    LookupFailure failure = LookupFailure::InvalidRoot;
    Word bits_left = 0;
    Word bits_found = 0;
    Word guard_found = 0;

    /// As it stands in messages: the failure, then what belongs to it.
    struct Words {
        std::array<Word, 4> words;
        unsigned length;
    };
    [[nodiscard]] constexpr Words message() const {
        const auto type = static_cast<Word>(failure);
        switch (failure) {
            case LookupFailure::MissingCapability:
                return {{type, bits_left}, 2};
            case LookupFailure::DepthMismatch:
                return {{type, bits_left, bits_found}, 3};
            case LookupFailure::GuardMismatch:
                return {{type, bits_left, guard_found, bits_found}, 4};
            case LookupFailure::InvalidRoot:
                break;
        }
        return {{type}, 1};
    }
};

[[nodiscard]] constexpr LookupFault missing_capability(Word bits_left) {
    return {LookupFailure::MissingCapability, bits_left};
}

struct Fault {
    sel4::FaultKind kind = sel4::FaultKind::None;
    /// CapFault: the CPtr; VmFault: the address; UnknownSyscall: its number; UserException: its
    /// number; Timeout: the context's badge; VcpuFault: the syndrome.
    Word value = 0;
    Word syndrome = 0;  ///< VmFault; code of a UserException
    bool flag = false;  ///< CapFault: in the receive phase; VmFault: of an instruction fetch
};

}  // namespace kos::sim
