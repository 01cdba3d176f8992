// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The host's random bytes.
#pragma once

#include "lib/base/panic.hpp"
#include "vmm/virtio/rng/entropy.hpp"

#include <cerrno>
#include <sys/random.h>

namespace kos::qemu {

class HostEntropy final : public virtio::EntropySource {
   public:
    void fill(MutableBytes target) override {
        while (!target.empty()) {
            const ssize_t size = ::getrandom(target.data(), target.size(), 0);
            if (size < 0 && errno != EINTR) panic("getrandom failed");
            if (size > 0) target = target.subspan(static_cast<std::size_t>(size));
        }
    }
};

}  // namespace kos::qemu
