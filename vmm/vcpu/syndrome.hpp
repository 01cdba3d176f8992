// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Syndromes of exceptions to EL2 (Arm ARM, D17.2.37 ESR_EL1 and D17.2.38 ESR_EL2).
//
//   31      26 25 24                                0
//   |   EC   | IL |               ISS               |
#pragma once

#include <cstdint>

namespace kos::vmm {

using Syndrome = std::uint64_t;

enum class ExceptionClass : std::uint8_t {
    Unknown = 0x00,
    Wfx = 0x01,
    FloatingPoint = 0x07,
    Hvc64 = 0x16,
    Smc64 = 0x17,
    SystemRegister = 0x18,
    InstructionAbort = 0x20,
    DataAbort = 0x24,
    Brk = 0x3c,
};

[[nodiscard]] constexpr ExceptionClass exception_class(Syndrome syndrome) {
    return static_cast<ExceptionClass>(syndrome >> 26 & 0x3f);
}

/// WFE and WFET; else WFI and WFIT.
[[nodiscard]] constexpr bool is_wait_for_event(Syndrome syndrome) { return (syndrome & 1) != 0; }

/// A load or store that no memory was behind.
struct DataAbort {
    bool described = false;    ///< ISV: the fields below hold
    bool write = false;        ///< WnR; also cache maintenance
    bool sign_extend = false;  ///< SSE
    bool wide = false;         ///< SF: the register is 64 bits wide
    std::uint8_t size = 0;     ///< SAS: 1, 2, 4 or 8 bytes
    std::uint8_t reg = 0;      ///< SRT: 31 is the zero register
};
[[nodiscard]] DataAbort data_abort(Syndrome syndrome);

/// What a load of \p abort's kind puts into its register, memory having given \p value.
[[nodiscard]] std::uint64_t loaded(const DataAbort& abort, std::uint64_t value);
/// What a store of \p abort's kind writes, its register holding \p value.
[[nodiscard]] std::uint64_t stored(const DataAbort& abort, std::uint64_t value);

/// MSR, MRS or a system instruction.
struct SystemAccess {
    bool read = false;
    std::uint8_t reg = 0;        ///< Rt: 31 is the zero register
    std::uint32_t encoding = 0;  ///< system_register()
};
[[nodiscard]] SystemAccess system_access(Syndrome syndrome);

/// A system register as one number.
[[nodiscard]] constexpr std::uint32_t system_register(unsigned op0, unsigned op1, unsigned crn,
                                                      unsigned crm, unsigned op2) {
    return op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;
}
inline constexpr std::uint32_t icc_sgi1r_el1 = system_register(3, 0, 12, 11, 5),
                               icc_asgi1r_el1 = system_register(3, 0, 12, 11, 6),
                               icc_sgi0r_el1 = system_register(3, 0, 12, 11, 7),
                               icc_sre_el1 = system_register(3, 0, 12, 12, 5);

}  // namespace kos::vmm
