// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A driver of a console that goes by the input, and bytes for its ports; see
// testing/fuzz_device.hpp.

#include "vmm/virtio/console/console.hpp"

#include "vmm/virtio/testing/fuzz_device.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kos;
    using namespace kos::virtio;
    struct Count final : ConsoleHost {
        void output(unsigned /*port*/, Bytes bytes) override {
            for (const std::byte byte : bytes) sum += static_cast<unsigned>(byte);
        }
        unsigned sum = 0;
    } host;
    constexpr std::array<std::string_view, 2> names{"control", "log"};
    FuzzInput input{data, size};
    Console device{host, names};
    const Features features = (input.take() & 1) != 0 ? console_multiport : 0;
    fuzz_device(device, features, input, [&device](FuzzInput& rest) {
        const unsigned port = rest.take() % 4;
        device.input(port, rest.bytes(rest.take()));
    });
    return 0;
}
