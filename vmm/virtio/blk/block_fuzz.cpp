// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A driver of a disk that goes by the input; see testing/fuzz_device.hpp.

#include "vmm/virtio/blk/block.hpp"

#include "vmm/virtio/blk/memory_disk.hpp"
#include "vmm/virtio/testing/fuzz_device.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kos::virtio;
    FuzzInput input{data, size};
    std::vector<std::byte> content(16 * sector_size);
    const bool read_only = (input.take() & 1) != 0;
    MemoryDisk disk =
        read_only ? MemoryDisk{kos::Bytes{content}} : MemoryDisk{kos::MutableBytes{content}};
    Block device{disk, "fuzz"};
    fuzz_device(device, device.offered(), input, [](FuzzInput&) {});
    return 0;
}
