// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The boot shim: from a firmware's or QEMU's jump to an arm64 Image at EL2, to seL4's entry.
//
//   check head and table → MMU on → check RAM and checksums → banner
//     → kernel, device tree and root server in place → kernel
//
// Order in physical memory, as the kernel requires: kernel, device tree, root server. The system
// image stays where it was loaded; where that is RAM that the kernel manages, the root server comes
// right below it, and both are one user image. Source of the contract: seL4, src/arch/arm/64/head.S
// and src/kernel/boot.c (arguments x0–x5), and the loader's obligations in the seL4 manual,
// chapter 9.
#include "boot/console.hpp"
#include "boot/device_tree.hpp"
#include "boot/mmu.hpp"
#include "boot/payload.hpp"
#include "boot/table.hpp"
#include "lib/base/address.hpp"
#include "lib/base/panic.hpp"
#include "lib/manifest/image.hpp"

#include <cstdint>

extern "C" [[noreturn]] void enter_kernel(std::uint64_t user_start, std::uint64_t user_end,
                                          std::uint64_t physical_minus_virtual, std::uint64_t entry,
                                          std::uint64_t device_tree, std::uint64_t device_tree_size,
                                          std::uint64_t kernel_entry);

namespace kos {

void panic_handler(const char* message) { boot::halt({ErrorCode::BootFault, message}); }

namespace boot {

namespace {

void print_hash(const manifest::ImageHeader& header) {
    for (const std::uint8_t byte : header.sha256) {
        const char digits[] = {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 0xf]};
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

void require_apart(std::uint64_t start, std::uint64_t size, std::uint64_t kernel_start,
                   std::uint64_t used_end, std::string_view what) {
    if (ranges_overlap(start, size, kernel_start, used_end - kernel_start)) {
        halt({ErrorCode::BootMemory, what, start});
    }
}

/// Where things go. Kernel and device tree are the same for both ways of holding the system image.
struct Places {
    std::uint64_t image;  ///< the flat image
    std::uint64_t tree;
    std::uint64_t limit;  ///< of what is put behind the tree
};

/// The root server behind the device tree, the system image outside of it.
UserImage place_beside(const BootTable& table, const elf::File& root_server, const Places& places,
                       std::uint64_t tree_size) {
    const std::uint64_t at = *align_up<std::uint64_t>(places.tree + tree_size, page_size);
    const UserImage user = place_root_server(root_server, at, places.limit);
    require_apart(places.image, table.flat_size, table.kernel_physical, user.end,
                  "the boot image was loaded where the root server must go");
    return user;
}

/// The root server right below the system image.
UserImage place_as_one(const BootTable& table, const elf::File& root_server, const Places& places) {
    const std::uint64_t system_image = places.image + table.system_image_offset;
    const std::uint64_t at = places.image + table.root_server_place;
    UserImage user = place_root_server(root_server, at, system_image);
    if (user.end != system_image) {
        halt({ErrorCode::BootTable, "the root server does not end at the system image", user.end});
    }
    user.end = system_image + table.system_image_size;
    return user;
}

ImagePlace image_place(const BootTable& table, const elf::File& root_server, std::uint64_t image) {
    ImagePlace place{image + table.system_image_offset};
    if (table.root_server_place != 0) {
        place.address = root_server.page_end().value();
        place.first_frame = (root_server.page_end() - root_server.first_page()) / page_size;
    }
    return place;
}

/// Nothing is where it must be yet: halts where that cannot be brought about.
void check_before_placing(const BootTable& table, const Places& places, const void* tree) {
    require_none(check_memory(table, places.image, memory_of(tree)));
    if (places.tree >= places.limit) {
        halt({ErrorCode::BootMemory, "there is no RAM behind the kernel", places.tree});
    }
    require_apart(places.image, table.flat_size, table.kernel_physical, places.tree,
                  "the boot image was loaded where the kernel must go");
    require_apart(reinterpret_cast<std::uint64_t>(tree), bytes_of_tree(tree), table.kernel_physical,
                  places.tree, "the device tree was loaded where the kernel must go");
}

}  // namespace

/// An exception in the shim itself, such as an access to what is not there.
extern "C" [[noreturn]] void shim_exception(std::uint64_t syndrome, std::uint64_t at,
                                            std::uint64_t address) {
    print("kos: exception: ESR ");
    print_hex(syndrome);
    print(", FAR ");
    print_hex(address);
    print("\n");
    halt({ErrorCode::BootFault, "an exception at", at});
}

extern "C" [[noreturn]] void shim_main(const void* firmware_tree, const std::byte* image,
                                       const BootTable* boot_table, std::uint64_t exception_level,
                                       std::uint64_t physical_counter,
                                       std::uint64_t virtual_counter) {
    const auto& head = *reinterpret_cast<const ImageHead*>(image);
    const BootTable& table = *boot_table;
    const auto console = find_console(head, table);
    if (!console) {  // nobody knows where to say it
        for (;;) asm volatile("wfe");
    }
    open_console(static_cast<boards::UartKind>(console->kind), console->address);
    if (exception_level != 2) {
        halt({ErrorCode::BootLevel, "it is at exception level", exception_level});
    }
    require_none(check_table(head, table));
    require_none(check_processor(memory_model(), table.tcr_el2));
    enable_mmu(table);

    const Bytes flat{image, table.flat_size};
    Places places{reinterpret_cast<std::uint64_t>(image),
                  *align_up<std::uint64_t>(table.kernel_end, page_size), table.kernel_memory_end};
    const bool as_one = table.root_server_place != 0;
    if (as_one) places.limit = places.image;
    require_none(check_parts(table, flat, checksum_of_memory));
    const void* tree = checked_device_tree(
        table.device_tree_size != 0 ? image + table.device_tree_offset : firmware_tree);
    check_before_placing(table, places, tree);
    print("kos: system image ");
    print_hash(*read_at<manifest::ImageHeader>(flat, table.system_image_offset));
    print("\n");

    const elf::File root_server = root_server_file(table, flat);
    place_kernel(table, flat);
    const std::uint64_t tree_size =
        place_device_tree(tree, reinterpret_cast<void*>(places.tree), places.limit - places.tree,
                          image_place(table, root_server, places.image),
                          uses_virtual_counter(table) ? virtual_counter : physical_counter, table);
    const UserImage user = as_one ? place_as_one(table, root_server, places)
                                  : place_beside(table, root_server, places, tree_size);
    set_kernel_entered(reinterpret_cast<void*>(places.tree), read_counter(table));
    clean_caches(places.tree, tree_size);
    enter_kernel(user.start, user.end, user.virtual_offset, user.entry, places.tree, tree_size,
                 table.kernel_entry);
}

}  // namespace boot
}  // namespace kos
