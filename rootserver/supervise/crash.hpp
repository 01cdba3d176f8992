// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What a fault means for an app, and the report that a person gets of it.
//
//   SIGSEGV in thread 0: write to 0x1000'2000, which is read-only data 0x…–0x… (r--)
//     at main+0x14, pc 0x1000'0234 in text 0x…–0x… (r-x)
//     x0 … x30, sp
#pragma once

#include "lib/manifest/view.hpp"
#include "lib/msg/control_writer.hpp"
#include "rootserver/pager/pager.hpp"
#include "rootserver/spawn/app.hpp"
#include "rootserver/spawn/root.hpp"
#include "rootserver/supervise/message.hpp"

#include <cstdint>
#include <optional>

namespace kos::rootserver {

/// Signals of Linux with which a fault ends an app.
enum class Signal : std::uint8_t {
    Illegal = 4,
    Trap = 5,
    Bus = 7,
    Kill = 9,
    Segmentation = 11,
    BadSystemCall = 31,
};
[[nodiscard]] std::string_view name_of(Signal signal);

/// An access that a thread made to memory.
struct MemoryAccess {
    VirtualAddress address;
    Access access;
    bool is_misaligned;  ///< not a matter of what is mapped
};
/// What a VmFault message says.
[[nodiscard]] MemoryAccess memory_access_of(const Incoming& fault);

/// A fault that ends the app.
struct Crash {
    Signal signal;
    std::uint64_t thread;
    std::optional<MemoryAccess> access;        ///< of a VmFault
    std::optional<std::uint64_t> system_call;  ///< x7 of a system call that was not rewritten
};
/// What the fault message \p fault of \p thread means. A VmFault that the pager can serve is none.
[[nodiscard]] Crash crash_of(const Incoming& fault, std::uint64_t thread);

/// Writes the report. Suspends the thread to read its registers.
void report_crash(const Root& root, const App& app, const Crash& crash,
                  msg::ControlWriter& console);

}  // namespace kos::rootserver
