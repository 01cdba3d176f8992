// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "boot/device_tree.hpp"

#include "boot/console.hpp"

#include <libfdt.h>

namespace kos::boot {

namespace {

/// Room for the properties that are added.
constexpr std::uint64_t additions = 4096;

constexpr const char* kernel_entered = "kos,kernel-entered";

void require(int result, std::string_view what) {
    if (result >= 0) return;
    print("kos: device tree: ");
    print(fdt_strerror(result));
    print("\n");
    halt(what);
}

/// The node /chosen, made where the firmware has none.
int chosen_node(void* tree) {
    const int node = fdt_path_offset(tree, "/chosen");
    if (node >= 0) return node;
    const int made = fdt_add_subnode(tree, 0, "chosen");
    require(made, "/chosen cannot be added to the device tree");
    return made;
}

void require_memory(const void* tree) {
    if (fdt_node_offset_by_prop_value(tree, -1, "device_type", "memory", sizeof("memory")) < 0) {
        halt("the device tree names no memory");
    }
}

}  // namespace

std::uint64_t place_device_tree(const void* source, void* destination, std::uint64_t capacity,
                                std::uint64_t system_image, std::uint64_t shim_entered,
                                const BootTable& table) {
    if (source == nullptr || fdt_check_header(source) != 0) {
        halt("the loader passed no device tree in x0", reinterpret_cast<std::uint64_t>(source));
    }
    require_memory(source);
    // Firmware pads its tree (QEMU to 1 MiB), and every page costs the kernel a slot: the tree is
    // opened in the free room and packed.
    const std::uint64_t room = fdt_totalsize(source) + additions;
    if (room > capacity) halt("the device tree is too large", fdt_totalsize(source));
    require(fdt_open_into(source, destination, static_cast<int>(room)), "it cannot be copied");

    const int chosen = chosen_node(destination);
    const auto add = [&](const char* name, std::uint64_t value) {
        require(fdt_setprop_u64(destination, chosen, name, value), "a property cannot be added");
    };
    add("linux,initrd-start", system_image);
    add("linux,initrd-end", system_image + table.system_image_size);
    add("kos,shim-entered", shim_entered);
    add(kernel_entered, 0);
    if (table.boot_time != 0) add("kos,boot-time", table.boot_time);
    require(fdt_setprop(destination, chosen, "kos,kernel-abi", &table.abi, sizeof(table.abi)),
            "the kernel ABI record cannot be added");
    if (table.trace != 0) add("kos,trace", 1);
    if (table.seed != decltype(table.seed){}) {
        require(fdt_setprop(destination, chosen, "rng-seed", table.seed.data(),
                            static_cast<int>(table.seed.size())),
                "the seed cannot be added");
    }
    require(fdt_pack(destination), "it cannot be packed");
    return fdt_totalsize(destination);
}

void set_kernel_entered(void* tree, std::uint64_t counter) {
    require(
        fdt_setprop_inplace_u64(tree, fdt_path_offset(tree, "/chosen"), kernel_entered, counter),
        "a property cannot be changed");
}

}  // namespace kos::boot
