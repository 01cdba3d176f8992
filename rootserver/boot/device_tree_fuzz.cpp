// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Whatever the boot information holds, the device tree reader stays within it.
#include "rootserver/boot/device_tree.hpp"

#include "rootserver/boot/boot_parameters.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kos;
    const Bytes bytes = std::as_bytes(std::span{data, size});
    if (const auto tree = rootserver::DeviceTree::create(bytes)) {
        (void)tree->property("chosen", "linux,initrd-start");
        (void)tree->registers_of("arm,pl011");
    }
    (void)rootserver::read_boot_parameters(bytes);
    return 0;
}
