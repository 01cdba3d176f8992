// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/root_vspace.hpp"

#include "lib/sel4/syscall.hpp"

namespace kos::rootserver {

namespace {

constexpr sel4::Cap<sel4::VSpace> own_vspace{sel4::root_slot::vspace};

}  // namespace

RootVSpace::RootVSpace(RootMemory& memory, const sel4::KernelAbi& abi)
    : memory_(memory), tables_(storage_, abi.has_level_0()) {
    // The program lies in the lowest GiB, so the kernel has made the directory of it.
    const bool added = tables_.add_directory(window::console);
    if (!added) panic("RootVSpace: no room for the first directory");
}

Attempt<> RootVSpace::map(sel4::Cap<sel4::Frame> frame, VirtualAddress address,
                          std::uint64_t page_bits, sel4::Rights rights,
                          sel4::VmAttributes attributes) {
    KOS_TRY(provide_tables(address, page_bits));
    return about({"the root server's page at", address.value()},
                 sel4::page_map(frame, own_vspace, address.value(), rights, attributes));
}

Attempt<> RootVSpace::prepare_scratch() {
    KOS_TRY(provide_tables(window::scratch_page, page_bits));
    return provide_tables(window::scratch_large_page, large_page_bits);
}

Attempt<MutableBytes> RootVSpace::make_bookkeeping(std::uint64_t bytes) {
    const Subject subject{"the root server's book-keeping", bytes};
    if (bytes > window::bookkeeping_end - window::bookkeeping) {
        return trouble(ErrorCode::SlotsExhausted, subject);
    }
    // Hundreds of small pages would take as many slots.
    const bool is_large = bytes >= large_page_size / 2;
    const auto type = is_large ? sel4::ObjectType::LargePage : sel4::ObjectType::SmallPage;
    const std::uint64_t frame_bits = is_large ? large_page_bits : page_bits;
    for (std::uint64_t offset = 0; offset < bytes; offset += std::uint64_t{1} << frame_bits) {
        const sel4::Cap<sel4::Frame> frame{KOS_TRY(memory_.make(type, 0, subject))};
        KOS_TRY(map(frame, window::bookkeeping + offset, frame_bits, sel4::read_write,
                    sel4::VmAttributes::CacheableExecuteNever));
    }
    return memory_at(window::bookkeeping, bytes);
}

Attempt<> RootVSpace::provide_tables(VirtualAddress address, std::uint64_t page_bits) {
    return tables_.provide(address, page_bits, [this](VirtualAddress missing_at) -> Attempt<> {
        const Subject subject{"the root server's page table at", missing_at.value()};
        const sel4::Cap<sel4::PageTable> table{
            KOS_TRY(memory_.make(sel4::ObjectType::PageTable, 0, subject))};
        return about(subject, sel4::page_table_map(table, own_vspace, missing_at.value(),
                                                   sel4::VmAttributes::Cacheable));
    });
}

MutableBytes memory_at(VirtualAddress address, std::uint64_t bytes) {
    return {sel4::vspace_pointer(address.value()), static_cast<std::size_t>(bytes)};
}

}  // namespace kos::rootserver
