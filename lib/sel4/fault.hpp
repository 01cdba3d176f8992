// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Fault messages on aarch64 with hypervisor support, MCS. Source: seL4 Reference Manual, §6.2.
#pragma once

#include "lib/sel4/types.hpp"

#include <string_view>

namespace kos::sel4 {

/// The label of a fault message.
enum class FaultKind : Word {
    None = 0,
    CapFault = 1,
    UnknownSyscall = 2,
    UserException = 3,
    Timeout = 5,
    VmFault = 6,
    VgicMaintenance = 7,
    VcpuFault = 8,
    VppiEvent = 9,
};

/// Such as "VM fault".
[[nodiscard]] std::string_view name_of(FaultKind kind);

namespace vm_fault {  // message words
inline constexpr unsigned ip = 0, address = 1, is_prefetch = 2, syndrome = 3, length = 4;
}
namespace unknown_syscall {  // x0–x7, then
inline constexpr unsigned fault_ip = 8, sp = 9, lr = 10, spsr = 11, number = 12, length = 13;
}
namespace user_exception {
inline constexpr unsigned fault_ip = 0, sp = 1, spsr = 2, number = 3, code = 4, length = 5;
}
namespace cap_fault {
inline constexpr unsigned ip = 0, address = 1, in_receive = 2, lookup_failure = 3, bits_left = 4,
                          length = 7;
}

namespace vcpu_fault {
inline constexpr unsigned syndrome = 0, length = 1;
}
/// The list register that was ended, or −1.
namespace vgic_maintenance {
inline constexpr unsigned index = 0, length = 1;
}
namespace vppi_event {
inline constexpr unsigned interrupt = 0, length = 1;
}

/// ESR of a data abort: bit 6 (WnR) tells a write (Arm ARM, D17.2.37 ISS encoding).
[[nodiscard]] constexpr bool is_write_fault(Word syndrome) { return (syndrome >> 6 & 1) != 0; }

}  // namespace kos::sel4
