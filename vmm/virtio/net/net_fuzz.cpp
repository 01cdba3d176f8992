// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A driver of a network interface that goes by the input, and frames from outside of every kind;
// see testing/fuzz_device.hpp.

#include "vmm/virtio/net/net.hpp"

#include "vmm/virtio/testing/fuzz_device.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kos;
    using namespace kos::virtio;
    struct Loop final : Link {
        Features offloads() const override { return net_host_offloads; }
        void send(const NetHeader& header, ReadableBuffers frame) override {
            last = header;
            copy.resize(frame.size());
            frame.read(copy);
        }
        NetHeader last;
        std::vector<std::byte> copy;
    } link;
    FuzzInput input{data, size};
    Net device{link, {2, 0, 0, 0, 0, 1}};
    const Features features =
        device.offered() & ~(input.take<std::uint32_t>() & net_guest_offloads);
    fuzz_device(device, features, input, [&](FuzzInput& rest) {
        if ((rest.take() & 1) != 0) {
            device.deliver(link.last, link.copy);
        } else {
            const auto header = rest.take<NetHeader>();
            device.deliver(header, rest.bytes(rest.take<std::uint16_t>() % 2048));
        }
    });
    return 0;
}
