// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A driver of the entropy device that goes by the input; see testing/fuzz_device.hpp.

#include "vmm/virtio/rng/entropy.hpp"

#include "vmm/virtio/testing/fuzz_device.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kos::virtio;
    struct Constant final : EntropySource {
        void fill(kos::MutableBytes target) override {
            std::memset(target.data(), 7, target.size());
        }
    } source;
    Entropy device{source};
    fuzz_device(device, device.offered(), FuzzInput{data, size}, [](FuzzInput&) {});
    return 0;
}
