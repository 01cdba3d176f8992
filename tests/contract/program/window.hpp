// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// What the program maps for itself, behind its own 2 MiB and under one page table:
//
//   0x1000'0000  the console's registers
//   0x1000'1000  the actors' IPC buffers, a page each
#pragma once

#include "lib/base/address.hpp"
#include "rootserver/boot/root_memory.hpp"
#include "rootserver/trouble.hpp"

namespace kos::contract {

using rootserver::Attempt;

namespace window {
inline constexpr VirtualAddress console{0x1000'0000};
[[nodiscard]] constexpr VirtualAddress buffer(unsigned actor) {
    return console + (actor + 1) * page_size;
}
}  // namespace window

/// Makes the page table. Before anything is mapped.
Attempt<> prepare_window(rootserver::RootMemory& memory);

/// Maps a page of the window, writable.
Attempt<> map_page(sel4::Cap<sel4::Frame> frame, VirtualAddress address,
                   sel4::VmAttributes attributes);

}  // namespace kos::contract
