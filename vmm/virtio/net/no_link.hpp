// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The other end of an interface on no network: what is sent goes nowhere.
#pragma once

#include "vmm/virtio/net/link.hpp"

namespace kos::virtio {

class NoLink final : public Link {
   public:
    [[nodiscard]] Features offloads() const override { return 0; }
    void send(const NetHeader& /*header*/, ReadableBuffers /*frame*/) override {}
};

}  // namespace kos::virtio
