// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The instructions that the JIT leaves to an interpreter and that programs use: atomics (FEAT_LSE),
// load-acquire RCpc (FEAT_LRCPC), and counter registers. Encodings: Arm ARM (DDI 0487), C4.1.
// Everything else is undefined.
#pragma once

#include "lib/base/address.hpp"

#include <cstdint>
#include <optional>

namespace kos::sim {

/// What an instruction works on. Registers are numbered as in instructions; 31 is never passed.
class InterpreterState {
   public:
    virtual ~InterpreterState() = default;
    [[nodiscard]] virtual std::uint64_t x(unsigned number) const = 0;
    virtual void set_x(unsigned number, std::uint64_t value) = 0;
    [[nodiscard]] virtual std::uint64_t sp() const = 0;
    /// `bytes` is 1, 2, 4 or 8. Nothing, or false: the access aborts, and so does the instruction.
    virtual std::optional<std::uint64_t> read(VirtualAddress address, unsigned bytes) = 0;
    virtual bool write(VirtualAddress address, unsigned bytes, std::uint64_t value) = 0;
    /// CNTPCT_EL0; CNTVCT_EL0 is the same, its offset is zero.
    [[nodiscard]] virtual std::uint64_t counter() const = 0;
};

enum class Interpreted : std::uint8_t {
    Done,       ///< go on behind it
    Abort,      ///< a memory access failed; nothing was changed
    Undefined,  ///< not an instruction that is known here
};

[[nodiscard]] Interpreted interpret(std::uint32_t instruction, InterpreterState& state);

}  // namespace kos::sim
