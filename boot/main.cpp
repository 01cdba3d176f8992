// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The boot shim: from a firmware's or QEMU's jump to an arm64 Image at EL2, to seL4's entry.
//
//   check the boot table → MMU on → banner → kernel, device tree and root server in place → kernel
//
// Order in physical memory, as the kernel requires: kernel, device tree, root server. The system
// image stays where it was loaded. Source of the contract: seL4, src/arch/arm/64/head.S and
// src/kernel/boot.c (arguments x0–x5), and the loader's obligations in the seL4 manual, chapter 9.
#include "boot/console.hpp"
#include "boot/device_tree.hpp"
#include "boot/mmu.hpp"
#include "boot/payload.hpp"
#include "boot/table.hpp"
#include "lib/base/address.hpp"
#include "lib/base/crc32.hpp"
#include "lib/base/panic.hpp"
#include "lib/manifest/image.hpp"

#include <cstddef>
#include <cstdint>

extern "C" [[noreturn]] void enter_kernel(std::uint64_t user_start, std::uint64_t user_end,
                                          std::uint64_t physical_minus_virtual, std::uint64_t entry,
                                          std::uint64_t device_tree, std::uint64_t device_tree_size,
                                          std::uint64_t kernel_entry);

namespace kos {

void panic_handler(const char* message) { boot::halt(message); }

namespace boot {

namespace {

/// Before the table is known to be good there is no serial line to complain on.
const BootTable* find_table(const std::byte* image) {
    const auto* head = reinterpret_cast<const ImageHead*>(image);
    const auto* table = reinterpret_cast<const BootTable*>(image + head->boot_table);
    if (head->boot_table == 0 || table->magic != BootTable::expected_magic) return nullptr;
    return table;
}

void check_table(const BootTable& table) {
    const Bytes checked = bytes_of(table).subspan(offsetof(BootTable, flat_size));
    if (table.version != BootTable::expected_version) {
        halt("the boot table has another version", table.version);
    }
    if (crc32(checked) != table.crc) halt("the boot table's checksum is wrong", table.crc);
}

void print_hash(const manifest::ImageHeader& header) {
    constexpr std::size_t bytes_shown = 8;
    for (std::size_t i = 0; i < bytes_shown; ++i) {
        const char digits[] = {"0123456789abcdef"[header.sha256[i] >> 4],
                               "0123456789abcdef"[header.sha256[i] & 0xf]};
        print({digits, 2});
    }
}

/// Which view of the counter the root server will read.
bool uses_virtual_counter(const BootTable& table) {
    return (table.abi.flags & sel4::KernelAbi::flag_virtual_counter) != 0;
}

std::uint64_t read_counter(const BootTable& table) {
    std::uint64_t value;
    if (uses_virtual_counter(table)) {
        asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value));
    } else {
        asm volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value));
    }
    return value;
}

/// The shim copies to kernel-managed memory: nothing that it still needs may lie there.
void check_overlap(const BootTable& table, std::uint64_t image, std::uint64_t used_end) {
    if (ranges_overlap(image, table.flat_size, table.kernel_physical,
                       used_end - table.kernel_physical)) {
        halt("the image was loaded where the kernel must go", image);
    }
}

}  // namespace

extern "C" [[noreturn]] void shim_main(const void* device_tree, const std::byte* image,
                                       std::uint64_t exception_level,
                                       std::uint64_t physical_counter,
                                       std::uint64_t virtual_counter) {
    const BootTable* table = find_table(image);
    if (table == nullptr) {
        for (;;) asm volatile("wfe");
    }
    open_console(static_cast<boards::UartKind>(table->uart_kind), table->uart_address);
    if (exception_level != 2) halt("this is not EL2; enable virtualisation", exception_level);
    enable_mmu(*table);
    check_table(*table);

    const Bytes flat{image, table->flat_size};
    const auto system_image = slice(flat, table->system_image_offset, table->system_image_size);
    if (!system_image) halt("the system image lies outside the flat image");
    print("kos: system image ");
    print_hash(*read_at<manifest::ImageHeader>(*system_image, 0));
    print("\n");

    const std::uint64_t tree_at = *align_up<std::uint64_t>(table->kernel_end, page_size);
    const std::uint64_t image_at = reinterpret_cast<std::uint64_t>(image);
    const std::uint64_t memory_end = table->kernel_memory_end;
    if (tree_at >= memory_end) halt("there is no RAM behind the kernel", tree_at);
    check_overlap(*table, image_at, tree_at);

    place_kernel(*table, flat);
    const std::uint64_t tree_size = place_device_tree(
        device_tree, reinterpret_cast<void*>(tree_at), memory_end - tree_at,
        image_at + table->system_image_offset,
        uses_virtual_counter(*table) ? virtual_counter : physical_counter, *table);
    clean_caches(tree_at, tree_size);
    const std::uint64_t user_at = *align_up<std::uint64_t>(tree_at + tree_size, page_size);
    const UserImage user = place_root_server(*system_image, user_at, memory_end);
    check_overlap(*table, image_at, user.end);

    set_kernel_entered(reinterpret_cast<void*>(tree_at), read_counter(*table));
    clean_caches(tree_at, tree_size);
    enter_kernel(user.start, user.end, user.virtual_offset, user.entry, tree_at, tree_size,
                 table->kernel_entry);
}

}  // namespace boot
}  // namespace kos
