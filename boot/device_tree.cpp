// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "boot/device_tree.hpp"

#include "boot/console.hpp"
#include "lib/base/address.hpp"

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
    halt({ErrorCode::BootDeviceTree, what});
}

/// The node /chosen, made where the firmware has none.
int chosen_node(void* tree) {
    const int node = fdt_path_offset(tree, "/chosen");
    if (node >= 0) return node;
    const int made = fdt_add_subnode(tree, 0, "chosen");
    require(made, "/chosen cannot be added to the device tree");
    return made;
}

/// The cells of a property of the root, such as #size-cells.
unsigned cells_of_root(const void* tree, const char* name, unsigned by_default) {
    int size = 0;
    const void* value = fdt_getprop(tree, 0, name, &size);
    return value != nullptr && size == 4 ? fdt32_ld(static_cast<const fdt32_t*>(value))
                                         : by_default;
}

/// The number of one or two cells at \p cell; it is then behind it.
std::uint64_t take_number(const fdt32_t*& cell, unsigned cells) {
    std::uint64_t number = 0;
    for (; cells > 0; --cells) number = number << 32 | fdt32_ld(cell++);
    return number;
}

}  // namespace

const void* checked_device_tree(const void* source) {
    const auto address = reinterpret_cast<std::uint64_t>(source);
    if (source == nullptr || !is_aligned<std::uint64_t>(address, 8) ||
        fdt_check_header(source) != 0) {
        halt({ErrorCode::BootDeviceTree,
              "there is none at the address that the loader passed in x0", address});
    }
    return source;
}

std::uint64_t bytes_of_tree(const void* tree) { return fdt_totalsize(tree); }

Ram memory_of(const void* tree) {
    const unsigned address_cells = cells_of_root(tree, "#address-cells", 2);
    const unsigned size_cells = cells_of_root(tree, "#size-cells", 1);
    Ram ram;
    if (address_cells > 2 || size_cells > 2 || address_cells + size_cells == 0) return ram;
    const auto next = [&](int node) {
        return fdt_node_offset_by_prop_value(tree, node, "device_type", "memory", sizeof("memory"));
    };
    for (int node = next(-1); node >= 0; node = next(node)) {
        int size = 0;
        const auto* cell = static_cast<const fdt32_t*>(fdt_getprop(tree, node, "reg", &size));
        const int step = static_cast<int>(address_cells + size_cells) * 4;
        for (; cell != nullptr && size >= step; size -= step) {
            const std::uint64_t start = take_number(cell, address_cells);
            const std::uint64_t end = start + take_number(cell, size_cells);
            if (!ram.push_back({start, end})) return ram;
        }
    }
    return ram;
}

std::uint64_t place_device_tree(const void* source, void* destination, std::uint64_t capacity,
                                const ImagePlace& image, std::uint64_t shim_entered,
                                const BootTable& table) {
    // Firmware pads its tree (QEMU to 1 MiB), and every page costs the kernel a slot: the tree is
    // opened in the free room and packed.
    const std::uint64_t room = fdt_totalsize(source) + additions;
    if (room > capacity) {
        halt({ErrorCode::BootMemory, "the device tree does not fit behind the kernel: its size",
              fdt_totalsize(source)});
    }
    require(fdt_open_into(source, destination, static_cast<int>(room)), "it cannot be copied");

    const int chosen = chosen_node(destination);
    const auto add = [&](const char* name, std::uint64_t value) {
        require(fdt_setprop_u64(destination, chosen, name, value), "a property cannot be added");
    };
    add("linux,initrd-start", image.physical);
    add("linux,initrd-end", image.physical + table.system_image_size);
    add("kos,shim-entered", shim_entered);
    add(kernel_entered, 0);
    if (image.address != 0) {
        add("kos,image-address", image.address);
        add("kos,image-frame", image.first_frame);
    }
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
