// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Any accesses to a device's registers, in any order.
//
// Input: records of 8 bytes: offset (2), size (1, as a power of two), write or read (1), value (4).

#include "vmm/virtio/testing/echo_device.hpp"
#include "vmm/virtio/testing/fake_mmio.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kos;
    using namespace kos::virtio;
    struct Access {
        Le16 offset;
        std::uint8_t size, write;
        Le32 value;
    };
    static_assert(sizeof(Access) == 8);

    FakeGuest guest{8 * page_size};
    EchoDevice device;
    FakeEngine engine;
    MmioTransport transport{device, guest.memory(), engine, engine};
    const Bytes input = std::as_bytes(std::span{data, size});
    for (std::size_t at = 0; const auto access = read_at<Access>(input, at); at += sizeof(Access)) {
        const unsigned bytes = 1u << (access->size & 3);
        const std::uint64_t offset = access->offset & (mmio_size - 1);
        if (access->write != 0) {
            transport.write(offset, bytes, access->value);
        } else {
            (void)transport.read(offset, bytes);
        }
        if (transport.pending()) transport.resume();
    }
    if (engine.log.size() > 1) panic("more than one line in the log");
    return 0;
}
