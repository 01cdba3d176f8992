// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/boot_parameters.hpp"

#include "lib/sel4/bootinfo.hpp"
#include "rootserver/boot/device_tree.hpp"

#include <algorithm>

namespace kos::rootserver {

namespace {

/// The body of the first chunk of that kind.
std::optional<Bytes> find_chunk(Bytes extra, sel4::Word id) {
    std::uint64_t offset = 0;
    while (const auto chunk = read_at<sel4::BootInfoChunk>(extra, offset)) {
        if (chunk->length < sizeof(sel4::BootInfoChunk)) return std::nullopt;
        const auto whole = slice(extra, offset, chunk->length);
        if (!whole) return std::nullopt;
        if (chunk->id == id) return whole->subspan(sizeof(sel4::BootInfoChunk));
        offset += chunk->length;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> chosen_number(const DeviceTree& tree, std::string_view name) {
    const auto property = tree.property("chosen", name);
    return property ? cells_as_number(*property) : std::nullopt;
}

void read_seed(const DeviceTree& tree, BootParameters& parameters) {
    const auto seed = tree.property("chosen", "rng-seed");
    if (!seed || seed->empty()) return;
    const std::size_t bytes = std::min(seed->size(), parameters.seed.size());
    std::memcpy(parameters.seed.data(), seed->data(), bytes);
    parameters.has_seed = true;
}

std::optional<GuestDeviceRange> range_of(const DeviceTree& tree, std::string_view compatible) {
    const auto registers = tree.registers_of(compatible);
    const auto interrupt = tree.interrupt_of(compatible);
    if (!registers || !interrupt) return std::nullopt;
    return GuestDeviceRange{*registers, *interrupt, tree.registers_of(compatible, 1)};
}

GuestInterrupts read_guest_interrupts(const DeviceTree& tree) {
    if (tree.registers_of("arm,gic-v3")) return {.gic_version = 3, .gic_v2_cpu = {}};
    // Distributor, processor interface, and of both the virtualisation control and the guests'
    // view.
    constexpr unsigned guests_view = 3;
    for (const std::string_view name : {"arm,cortex-a15-gic", "arm,gic-400"}) {
        if (const auto view = tree.registers_of(name, guests_view)) {
            return {.gic_version = 2, .gic_v2_cpu = view};
        }
    }
    return {};
}

}  // namespace

std::string_view describe(BootError error) {
    switch (error) {
        case BootError::NoDeviceTree:
            return "the boot information holds no well-formed device tree";
        case BootError::KernelAbi:
            return "the kernel ABI record in the device tree is of another version";
        case BootError::Image:
            return "the device tree names no system image (/chosen linux,initrd-start, -end)";
    }
    return "unknown";
}

Result<BootParameters, BootError> read_boot_parameters(Bytes extra) {
    const auto blob = find_chunk(extra, sel4::chunk_device_tree);
    if (!blob) return Err{BootError::NoDeviceTree};
    const auto tree = DeviceTree::create(*blob);
    if (!tree) return Err{BootError::NoDeviceTree};

    BootParameters parameters;
    parameters.kernel_abi = sel4::default_abi();
    if (const auto record = tree->property("chosen", "kos,kernel-abi")) {
        const auto abi = sel4::parse_abi(*record);
        if (!abi) return Err{BootError::KernelAbi};
        parameters.kernel_abi = *abi;
    }
    const auto start = chosen_number(*tree, "linux,initrd-start");
    const auto end = chosen_number(*tree, "linux,initrd-end");
    if (!start || !end || *end <= *start) return Err{BootError::Image};
    parameters.image = PhysicalAddress{*start};
    parameters.image_size = *end - *start;
    const auto address = chosen_number(*tree, "kos,image-address");
    const auto first_frame = chosen_number(*tree, "kos,image-frame");
    if (address && first_frame) {
        parameters.mapped_image = MappedImage{VirtualAddress{*address}, *first_frame};
    }
    read_seed(*tree, parameters);
    parameters.boot_time = chosen_number(*tree, "kos,boot-time").value_or(0);
    parameters.shim_entered = chosen_number(*tree, "kos,shim-entered");
    parameters.kernel_entered = chosen_number(*tree, "kos,kernel-entered");
    parameters.trace = chosen_number(*tree, "kos,trace").value_or(0) != 0;
    parameters.console = tree->registers_of("arm,pl011");
    parameters.console_interrupt = tree->interrupt_of("arm,pl011");
    parameters.guests = range_of(*tree, "kos,guests");
    parameters.volumes = range_of(*tree, "virtio,mmio");
    parameters.guest_interrupts = read_guest_interrupts(*tree);
    return parameters;
}

}  // namespace kos::rootserver
