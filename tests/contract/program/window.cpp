// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "tests/contract/program/window.hpp"

namespace kos::contract {

using rootserver::about;

namespace {
constexpr sel4::Cap<sel4::VSpace> own_vspace{sel4::root_slot::vspace};
}

Attempt<> prepare_window(rootserver::RootMemory& memory) {
    const sel4::Cap<sel4::PageTable> table{
        KOS_TRY(memory.make(sel4::ObjectType::PageTable, 0, {"the window's page table"}))};
    return about({"the window's page table"},
                 sel4::page_table_map(table, own_vspace, window::console.value(),
                                      sel4::VmAttributes::Cacheable));
}

Attempt<> map_page(sel4::Cap<sel4::Frame> frame, VirtualAddress address,
                   sel4::VmAttributes attributes) {
    return about({"the page at", address.value()},
                 sel4::page_map(frame, own_vspace, address.value(), sel4::read_write, attributes));
}

}  // namespace kos::contract
